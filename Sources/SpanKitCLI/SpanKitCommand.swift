import ArgumentParser
import Dispatch
import Platform

/// The `spankit` command.
public struct SpanKitCommand: AsyncParsableCommand {
    /// What `--help` and `--version` say.
    public static let configuration = CommandConfiguration(
        commandName: "spankit",
        abstract: "Find out where the time goes.",
        version: Release.version,
        subcommands: [
            ProfileCommand.self, SummaryCommand.self, TopCommand.self, TreeCommand.self, SlowCommand.self,
            ErrorsCommand.self, CriticalCommand.self, DiffCommand.self, AnalyzeCommand.self, ReportCommand.self,
            LiveCommand.self, ShipCommand.self, DoctorCommand.self, PromCommand.self, CardinalityCommand.self,
            HelpCommand.self, UnknownCommand.self,
        ],
        defaultSubcommand: UnknownCommand.self
    )

    /// Creates the command.
    public init() {}

    /// Runs the process: reads its arguments, does what they say, exits with the status that fits. Never returns.
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
