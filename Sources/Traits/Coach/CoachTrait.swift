#if !Coach
    #error(
        "OKRCoach needs the trait Coach. Where you depend on SpanKit, add traits: [.defaults, \"Coach\"]; in its own repository, use make."
    )
#endif
