import ArgumentParser
import Dispatch
import SpanKit
import SpanKitPlatform
import SpanKitReports

/// The `spankit` command.
public struct SpanKitCommand: AsyncParsableCommand {
    /// The configuration with all subcommands.
    public static var configuration: CommandConfiguration {
        let groups: [(title: String, commands: [any ParsableCommand.Type])] =
            [
                (
                    "Look at traces and logs",
                    [
                        TopCommand.self, TreeCommand.self, SlowCommand.self, ErrorsCommand.self, CriticalCommand.self,
                        LogsCommand.self, ReportCommand.self,
                    ]
                ),
                ("Compare and analyze runs", [DiffCommand.self, AnalyzeCommand.self, SummaryCommand.self]),
                ("Inspect running processes", [LiveCommand.self]),
                ("Send and check", [ShipCommand.self, DoctorCommand.self]),
                ("Metrics", [PromCommand.self, CardinalityCommand.self]),
                ("Beyond one machine", [SQLCommand.self]),
            ] + additions.commands.map { (title: $0.key, commands: $0.value) }.sorted { $0.title > $1.title }
        return CommandConfiguration(
            commandName: "spankit",
            abstract: "Find out where the time goes.",
            discussion: """
                Shell completions: spankit --generate-completion-script bash (or zsh, fish)
                """,
            version: Release.version,
            groupedSubcommands: groups.filter { !$0.commands.isEmpty }
                .map { group in CommandGroup(name: group.title, subcommands: group.commands) }
        )
    }

    // Set by ``start(adding:)`` before a second thread starts, and only read from then on.
    nonisolated(unsafe) static private(set) var additions = CommandAdditions()

    /// Creates the command.
    public init() {}

    /// Runs the process with additional subcommands. Never returns.
    package static func start(adding additions: CommandAdditions) -> Never {
        self.additions = additions
        start()
    }

    /// Runs the process: parses its arguments, runs the subcommand and exits with its status. Never returns.
    ///
    /// The function is not asynchronous, because an asynchronous `main` opens file descriptors before the first line of
    /// the program runs. If standard output is closed, one of them would take its number.
    public static func start() -> Never {
        StandardStreams.prepare()
        Task { await runAndExit() }
        dispatchMain()
    }

    /// Checks whether the first argument is a subcommand. The parser would first report the options after an unknown
    /// subcommand.
    private static func checkSubcommand() throws(CommandFailure) {
        guard let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-"), word != "help" else { return }
        for command in configuration.subcommands where command.configuration.commandName == word { return }
        if word == "serve" {
            throw CommandFailure(
                .usage,
                "this spankit was built without 'serve'; build it with the trait Serve: "
                    + "swift build -c release --product spankit --traits Command,Serve"
            )
        }
        throw CommandFailure(.usage, "there is no command '\(word)'; see 'spankit --help'")
    }

    private static func runAndExit() async -> Never {
        do {
            try checkSubcommand()
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            StandardStreams.exit(0)
        } catch let failure as CommandFailure {
            StandardStreams.error.write("spankit: \(failure)\n")
            StandardStreams.exit(failure.status.rawValue)
        } catch let code as ExitCode {
            StandardStreams.exit(code.rawValue)
        } catch {
            let code = exitCode(for: error)
            guard code.isSuccess || code == .validationFailure else {
                StandardStreams.error.write("spankit: \(message(for: error))\n")
                StandardStreams.exit(ExitStatus.internalError.rawValue)
            }
            // Help, version and completion scripts are errors with the status 0.
            let stream = code.isSuccess ? StandardStreams.output : StandardStreams.error
            stream.write(fullMessage(for: error) + "\n")
            StandardStreams.exit(code.rawValue)
        }
    }
}

/// What other modules add to the command.
package struct CommandAdditions {
    /// Subcommands by the title of their group in the help.
    package var commands: [String: [any ParsableCommand.Type]] = [:]
    /// The environment variables that these commands read, for `spankit doctor --settings`.
    package var variables: [EnvironmentVariable] = []
    /// Reads the results files of these commands, which contain more than operations.
    package var resultsReader: RunResults.Reader?

    package init() {}
}

extension CommandConfiguration {
    /// Creates the configuration of a subcommand whose help ends with examples.
    /// - Parameter examples: The arguments after `spankit`.
    package init(
        _ name: String,
        abstract: String,
        discussion: String,
        examples: [String],
        subcommands: [any ParsableCommand.Type] = [],
        defaultSubcommand: (any ParsableCommand.Type)? = nil
    ) {
        let lines = examples.map { "  spankit \($0)" }.joined(separator: "\n")
        self.init(
            commandName: name,
            abstract: abstract,
            discussion: "\(discussion)\n\nExamples:\n\(lines)",
            subcommands: subcommands,
            defaultSubcommand: defaultSubcommand
        )
    }
}

/// The reason why a command stops: one line for the user, and the exit status.
package struct CommandFailure: Error, Equatable, CustomStringConvertible {
    package let status: ExitStatus
    package let message: String

    package init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    /// The message on one line.
    package var description: String {
        message.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}

/// The exit statuses, with the numbers of `sysexits.h`.
package enum ExitStatus: Int32 {
    /// The arguments or settings are wrong.
    case usage = 64
    /// The input is damaged or of the wrong kind.
    case data = 65
    /// A service is not available or rejected a request.
    case unavailable = 69
    /// There is an error in SpanKit.
    case internalError = 70
    /// A file or a stream cannot be written.
    case cannotCreate = 73
}
