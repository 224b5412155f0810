#if !Coach
    #error(
        "OKRCoach needs the trait Coach. In a package that depends on SpanKit, add traits: [.defaults, \"Coach\"] to the dependency; in the SpanKit repository, build with make."
    )
#endif
