import SpanKitCLI

#if Coach
    import CoachProfiling

    SpanKitCommand.start(adding: [ProfileCommand.self], reading: CoachResults.read)
#else
    SpanKitCommand.start()
#endif
