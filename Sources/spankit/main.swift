import SpanKitCLI

#if Coach
    import OKRCoach
    import SpanKitCoachProfiling
#endif
#if Serve
    import SpanKitServe
#endif

var additions = CommandAdditions()
#if Coach
    additions.commands["Profile the bundled server"] = [ProfileCommand.self]
    additions.variables = AnthropicModel.environmentVariables
    additions.resultsReader = CoachResults.read
#endif
#if Serve
    additions.commands["Receive and browse"] = [ServeCommand.self, MCPCommand.self]
#endif
SpanKitCommand.start(adding: additions)
