import ArgumentParser
import Foundation

/// The `spankit` command.
public struct SpanKitCommand: AsyncParsableCommand {
    /// What `--help` and `--version` say.
    public static let configuration = CommandConfiguration(
        commandName: "spankit",
        abstract: "Find out where the time goes.",
        version: Release.version,
        subcommands: [ProfileCommand.self, SummaryCommand.self]
    )

    /// Creates the command.
    public init() {}

    /// Runs the process: reads its arguments, does what they say, exits with the status that fits. Never returns.
    public static func start() async -> Never {
        StandardStreams.prepare()
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
        let isUsage = code == .validationFailure
        let advice = isUsage ? "; 'spankit --help' lists what there is" : ""
        let failure = CommandFailure(isUsage ? .usage : .internalError, message(for: error))
        var line = failure.description
        while line.hasSuffix(".") { line.removeLast() }
        StandardStreams.error.write("spankit: \(line)\(advice)\n")
        StandardStreams.exit(failure.status.rawValue)
    }
}
