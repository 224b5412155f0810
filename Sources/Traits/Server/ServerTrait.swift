#if !Server
    #error(
        "SpanKitServer and SpanKitTesting need the trait Server. In the package that depends on SpanKit, remove traits: [] from the dependency or write traits: [.defaults]."
    )
#endif
