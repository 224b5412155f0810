import Foundation
import SpanKitTestSupport

/// The program `span-producer`, which records into a spool until it is killed.
struct SpoolProducer {
    /// Contains the spool in the folder `spool`.
    let directory: URL
    let process: Process

    /// Runs the program, whose receiver refuses connections, and kills it when the closure returns.
    /// - Parameters:
    ///   - mode: What it records; see `main.swift` of the program.
    ///   - environment: More variables.
    static func run(
        _ mode: String,
        threads: Int,
        environment: [String: String] = [:],
        _ body: (SpoolProducer) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
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
    }

    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// How many rounds have ended on each thread; empty before the first one.
    var rounds: [UInt64] {
        let bytes = (try? Data(contentsOf: directory.appending(path: "counter"))) ?? Data()
        return bytes.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 8).map { bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self) }
        }
    }
}
