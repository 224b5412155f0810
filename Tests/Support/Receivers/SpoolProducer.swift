import Foundation

/// The program `span-producer`, which records into a spool until it is killed.
public struct SpoolProducer {
    /// Contains the spool in the folder `spool`.
    public let directory: URL
    /// The process.
    public let process: Process

    /// Runs the program, whose receiver refuses connections, and kills it when the closure returns.
    /// - Parameters:
    ///   - mode: What it records; see `main.swift` of the program.
    ///   - environment: More variables.
    public static func run(
        _ mode: String,
        threads: Int,
        environment: [String: String] = [:],
        _ body: (SpoolProducer) async throws -> Void
    ) async throws {
        let folder = TemporaryFolder("producer")
        defer { folder.remove() }
        let directory = URL(filePath: folder.path)
        let refused = try RefusedPort()
        let process = Process()
        process.executableURL = BuiltProducts.url("span-producer")
        process.arguments = [mode, directory.appending(path: "counter").path, "\(threads)"]
        process.environment = environment.merging([
            "OTEL_EXPORTER_OTLP_ENDPOINT": refused.url, "OTEL_SERVICE_NAME": "producer",
            "SPANKIT_SPOOL_DIR": directory.appending(path: "spool").path,
        ]) { given, _ in given }
        process.standardError = FileHandle.nullDevice
        try process.run()
        let producer = SpoolProducer(directory: directory, process: process)
        defer { producer.kill() }
        try await body(producer)
    }

    /// Sends a signal.
    public func send(_ signal: Int32) { Foundation.kill(process.processIdentifier, signal) }

    /// Ends the process as `kill -9` does, and waits until it has ended.
    public func kill() {
        send(SIGKILL)
        process.waitUntilExit()
    }

    /// How many rounds have ended on each thread; empty before the first one.
    public var rounds: [UInt64] {
        let bytes = (try? Data(contentsOf: directory.appending(path: "counter"))) ?? Data()
        return bytes.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 8).map { bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self) }
        }
    }
}
