#if !Server
    #error(
        "SpanKitServer needs the trait Server. Where you depend on SpanKit, remove traits: [] or write traits: [.defaults]."
    )
#endif
