import ArgumentParser

/// `spankit help COMMAND`. The parser has one of its own, which takes what it does not know for nothing.
struct HelpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "help", shouldDisplay: false, helpNames: [])

    @Argument var words: [String] = []

    func run() throws {
        var command: any ParsableCommand.Type = SpanKitCommand.self
        for word in words {
            let subcommands = command.configuration.subcommands
            guard let next = subcommands.first(where: { $0.configuration.commandName == word }) else {
                throw CommandFailure(.usage, UnknownCommand.message(word, in: command))
            }
            command = next
        }
        throw CleanExit.helpRequest(command)
    }
}
