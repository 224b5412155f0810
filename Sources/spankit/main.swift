import SpanKitCLI

#if Coach
    import SpanKitCoachProfiling

    SpanKitCommand.start(adding: [ProfileCommand.self], reading: CoachResults.read)
#else
    SpanKitCommand.start()
#endif
