#if !YAML
    #error(
        "SpanKitYAML needs the trait YAML. Where you depend on SpanKit, add traits: [.defaults, \"YAML\"]; in its own repository, use make."
    )
#endif
