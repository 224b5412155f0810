import Foundation

/// Runs a program to its end.
public struct Command: Sendable {
    /// The exit status, or 128 plus the signal that ended it.
    public let status: Int32
    /// Its standard output.
    public let output: String
    /// Its standard error.
    public let error: String

    /// Runs a program without blocking a thread of the pool.
    /// - Parameter environment: the environment without `PATH`.
    public static func run(
        _ equipment: Equipment,
        _ arguments: [String],
        environment: [String: String] = [:],
        within longest: Duration = .generous
    ) async throws -> Command {
        try await run(program: equipment.require(), arguments, environment: environment, within: longest)
    }

    /// Runs the program in a file without blocking a thread of the pool.
    /// - Parameter environment: the environment without `PATH`.
    public static func run(
        program: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        within longest: Duration = .generous
    ) async throws -> Command {
        let folder = TemporaryFolder("command")
        defer { folder.remove() }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let child = try ChildProcess(
            program,
            arguments,
            environment: environment.merging(["PATH": path, "HOME": folder.path]) { given, _ in given },
            output: folder.path("output"),
            error: folder.path("error")
        )
        defer { child.stop(within: .zero) }
        let call = ([program] + arguments).joined(separator: " ")
        let status = try await eventually("\(call) ends", child.status, within: longest) { $0 != nil }
        return Command(status: status ?? -1, output: folder.text(of: "output"), error: folder.text(of: "error"))
    }
}
