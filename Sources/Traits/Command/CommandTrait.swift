#if !Command
    #error(
        "The command spankit needs the trait Command. Where you depend on SpanKit, add traits: [.defaults, \"Command\"]; in its own repository, use make."
    )
#endif
