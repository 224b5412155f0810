import Foundation

/// A server program in a temporary folder, on ports that are held for it.
final class Service: Sendable {
    /// Holds its configuration and its output; gone after `stop()`.
    let folder: String
    private let process: Monitor<ChildProcess?> = Monitor(nil)
    private let name: String

    init(_ name: String) throws {
        self.name = name
        folder = FileManager.default.temporaryDirectory.path + "/spankit-\(name)-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { stop() }

    /// Free ports. They stay bound here without listening: the programs set SO_REUSEADDR, so they can take them, and nobody
    /// who looks for a free port gets one of them in between.
    static func freePorts(_ count: Int) throws -> [RefusedPort] {
        try (0..<count).map { _ in try RefusedPort() }
    }

    /// Starts the program and waits until `isReady`.
    func start(
        _ program: String,
        _ arguments: [String],
        environment variables: [String: String] = [:],
        longest: Duration = .seconds(15),
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
        process.withLock { $0 = child }
        let end = ContinuousClock.now + longest
        while !isReady() {
            guard child.identifier != nil, .now < end else {
                let lastWords = String((output + error).suffix(2_000))
                stop()
                throw NotReady(description: "\(name) did not answer. Its output ends with:\n\(lastWords)")
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    struct NotReady: Error, CustomStringConvertible {
        let description: String
    }

    /// What the program wrote to its standard output.
    var output: String { read("output") }

    /// What the program wrote to its standard error.
    var error: String { read("error") }

    /// The process id, while it runs.
    var identifier: Int32? { process.withLock { $0 }?.identifier }

    /// Ends the program, after two seconds by force, and removes its folder.
    func stop() {
        process.withLock { child in
            defer { child = nil }
            return child
        }?.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func read(_ file: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "\(folder)/\(file)") ?? Data(), as: UTF8.self)
    }
}
