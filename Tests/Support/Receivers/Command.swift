import Foundation

/// Runs a program to its end.
public struct Command: Sendable {
    /// The exit status; 128 and the signal when one ended it.
    public let status: Int32
    /// Its standard output.
    public let output: String
    /// Its standard error.
    public let error: String

    /// Runs a program without blocking a thread of the pool.
    /// - Parameter environment: all of it but `PATH`.
    public static func run(
        _ equipment: Equipment,
        _ arguments: [String],
        environment: [String: String] = [:],
        within longest: Duration = .seconds(30)
    ) async throws -> Command {
        try await run(program: equipment.require(), arguments, environment: environment, within: longest)
    }

    /// Runs the program in a file without blocking a thread of the pool.
    /// - Parameter environment: all of it but `PATH`.
    public static func run(
        program: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        within longest: Duration = .seconds(30)
    ) async throws -> Command {
        let folder = FileManager.default.temporaryDirectory.path + "/spankit-command-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let child = try ChildProcess(
            program,
            arguments,
            environment: environment.merging(["PATH": path, "HOME": folder]) { given, _ in given },
            output: folder + "/output",
            error: folder + "/error"
        )
        defer { child.stop(within: .zero) }
        let end = ContinuousClock.now + longest
        while child.identifier != nil, .now < end { try? await Task.sleep(for: .milliseconds(5)) }
        guard let status = child.waitForEnd(within: .zero) else {
            throw SystemError(([program] + arguments).joined(separator: " "), code: ETIMEDOUT)
        }
        func read(_ name: String) -> String {
            String(decoding: FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data(), as: UTF8.self)
        }
        return Command(status: status, output: read("output"), error: read("error"))
    }
}
