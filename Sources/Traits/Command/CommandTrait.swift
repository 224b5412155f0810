#if !Command
    #error(
        "The command spankit needs the trait Command. In a package that depends on SpanKit, add traits: [.defaults, \"Command\"] to the dependency; in the SpanKit repository, build with make."
    )
#endif
