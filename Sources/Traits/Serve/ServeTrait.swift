#if !Serve
    #error(
        "SpanKitServe needs the trait Serve. In a package that depends on SpanKit, add traits: [.defaults, \"Serve\"] to the dependency; in the SpanKit repository, build with make."
    )
#endif
