import ArgumentParser
import Dispatch
import SpanKit
import SpanKitPlatform
import SpanKitReports

/// The `spankit` command.
public struct SpanKitCommand: AsyncParsableCommand {
    /// What `--help` and `--version` say.
    public static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "spankit",
            abstract: "Find out where the time goes.",
            version: Release.version,
            subcommands: addedCommands + [
                SummaryCommand.self, TopCommand.self, TreeCommand.self, SlowCommand.self, ErrorsCommand.self,
                CriticalCommand.self, DiffCommand.self, AnalyzeCommand.self, ReportCommand.self, LiveCommand.self,
                ShipCommand.self, DoctorCommand.self, PromCommand.self, CardinalityCommand.self, HelpCommand.self,
                UnknownCommand.self,
            ],
            defaultSubcommand: UnknownCommand.self
        )
    }

    // All are set by ``start(adding:variables:reading:)`` before there is a second thread, and only read from then on.
    private nonisolated(unsafe) static var addedCommands: [any ParsableCommand.Type] = []
    nonisolated(unsafe) static private(set) var addedVariables: [EnvironmentVariable] = []
    nonisolated(unsafe) static private(set) var resultsReader: RunResults.Reader?

    /// Creates the command.
    public init() {}

    /// Runs the process: reads its arguments, does what they say, exits with the status that fits. Never returns.
    ///
    /// - Parameters:
    ///   - commands: subcommands besides the command's own.
    ///   - variables: the environment variables that these commands read, for `spankit doctor --settings`.
    ///   - reader: for results files that these commands write, where they tell more than operations.
    package static func start(
        adding commands: [any ParsableCommand.Type],
        variables: [EnvironmentVariable],
        reading reader: RunResults.Reader?
    ) -> Never {
        addedCommands = commands
        addedVariables = variables
        resultsReader = reader
        start()
    }

    /// Runs the process with the command's own subcommands.
    ///
    /// Not asynchronous itself: an asynchronous main opens descriptors of its own before the first line of the program, and
    /// one of them would take the place of a closed standard output.
    public static func start() -> Never {
        StandardStreams.prepare()
        Task { await runAndExit() }
        dispatchMain()
    }

    private static func runAndExit() async -> Never {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            StandardStreams.exit(0)
        } catch {
            finish(with: error)
        }
    }

    private static func finish(with error: any Error) -> Never {
        switch error {
        case let failure as CommandFailure:
            StandardStreams.error.write("spankit: \(failure)\n")
            StandardStreams.exit(failure.status.rawValue)
        case let code as ExitCode:
            StandardStreams.exit(code.rawValue)
        default:
            break
        }
        let code = exitCode(for: error)
        if code.isSuccess {
            // Help and version come as errors, too.
            StandardStreams.output.write(fullMessage(for: error) + "\n")
            StandardStreams.exit(0)
        }
        // What can be chosen stands on lines of its own there.
        let text = message(for: error).replacing(":\n  - ", with: ": ").replacing("\n  - ", with: ", ")
        let failure = CommandFailure(code == .validationFailure ? .usage : .internalError, text)
        StandardStreams.error.write("spankit: \(sentence(failure, fullMessage(for: error)))\n")
        StandardStreams.exit(failure.status.rawValue)
    }

    /// The parser's message as the rest of spankit writes them, with where to look further.
    private static func sentence(_ failure: CommandFailure, _ wholeMessage: String) -> String {
        let start = failure.description.withLowerCaseStart
        guard failure.status == .usage else { return start }
        let help = wholeMessage.firstMatch(of: #/See '(.+)' for more information/#)?.output.1 ?? "spankit --help"
        return start + (start.last?.isPunctuation == true && start.last != "'" ? " " : ". ") + "See '\(help)'."
    }
}
