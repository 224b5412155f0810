import Foundation
import SpanKitPlatform

/// A server program in a temporary folder, on ports that are reserved for it.
final class Service: Sendable {
    /// The folder of its configuration and output, which `stop()` removes.
    var folder: String { files.path }
    private let files: TemporaryFolder
    private let process: Monitor<ChildProcess?> = Monitor(nil)
    private let name: String

    init(_ name: String) {
        self.name = name
        files = TemporaryFolder(name)
    }

    deinit { stop() }

    /// Free ports. They stay bound here without listening, so that no other program gets them before the service does. The service
    /// can bind them because it sets SO_REUSEADDR.
    static func freePorts(_ count: Int) throws -> [RefusedPort] {
        try (0..<count).map { _ in try RefusedPort() }
    }

    /// Starts the program and waits until `isReady`.
    func start(
        _ program: String,
        _ arguments: [String],
        environment variables: [String: String] = [:],
        isReady: () -> Bool
    ) async throws {
        var environment = ProcessInfo.processInfo.environment.filter { ["PATH", "TMPDIR"].contains($0.key) }
        environment["HOME"] = folder
        environment["LANG"] = "C.UTF-8"
        environment.merge(variables) { $1 }
        let child = try ChildProcess(
            program,
            arguments,
            environment: environment,
            output: folder + "/output",
            error: folder + "/error"
        )
        process.change { $0 = child }
        do {
            try await eventually("\(name) answers, or has ended", isReady() || child.status != nil) { $0 }
            if let status = child.status { throw NotReady(description: "\(name) has ended with status \(status)") }
        } catch {
            let lastWords = String((output + self.error).suffix(2_000))
            stop()
            throw NotReady(description: "\(error). Its output ends with:\n\(lastWords)")
        }
    }

    struct NotReady: Error, CustomStringConvertible {
        let description: String
    }

    /// What the program wrote to its standard output.
    var output: String { files.text(of: "output") }

    /// What the program wrote to its standard error.
    var error: String { files.text(of: "error") }

    /// The process ID while it runs.
    var identifier: Int32? { process.read { $0 }?.identifier }

    /// Ends the program, if necessary by force after two seconds, and removes its folder.
    func stop() {
        process.change { child in
            defer { child = nil }
            return child
        }?.stop()
        files.remove()
    }
}
