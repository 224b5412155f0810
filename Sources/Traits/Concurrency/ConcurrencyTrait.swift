#if !Concurrency
    #error(
        "SpanKitConcurrency needs the trait Concurrency. In a package that depends on SpanKit, add traits: [.defaults, \"Concurrency\"] to the dependency; in the SpanKit repository, build with make."
    )
#endif
