import SpanKitCLI

#if Coach
    import OKRCoach
    import SpanKitCoachProfiling

    SpanKitCommand.start(
        adding: [ProfileCommand.self],
        variables: AnthropicModel.environmentVariables,
        reading: CoachResults.read
    )
#else
    SpanKitCommand.start()
#endif
