import Foundation
import SpanKitPlatform
import SpanKitTestSupport

/// A running `spankit serve`.
final class ServeProcess: @unchecked Sendable {
    // Only the test that started it uses it.
    private let process = Process()
    private let folder: TemporaryFolder
    let port: UInt16

    /// Starts the command, and waits until it announces its address.
    /// - Parameter port: 0 for a free one.
    init(_ arguments: [String], port: UInt16 = 0, environment: [String: String] = [:]) async throws {
        let folder = TemporaryFolder("serve-process")
        self.folder = folder
        for name in ["output", "error"] { try folder.put(name, []) }
        process.executableURL = BuiltProducts.url("spankit")
        process.arguments = ["serve", "--port", "\(port)"] + arguments
        let inherited = ProcessInfo.processInfo.environment.filter { ["PATH", "TMPDIR", "HOME"].contains($0.key) }
        process.environment = inherited.merging(["XDG_RUNTIME_DIR": folder.path]) { $1 }.merging(environment) { $1 }
        process.standardOutput = FileHandle(forWritingAtPath: folder.path("output"))
        process.standardError = FileHandle(forWritingAtPath: folder.path("error"))
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let process = process
        let text = try await eventually(
            "spankit serve announces its address, or ends",
            folder.text(of: "output") + folder.text(of: "error")
        ) { $0.contains("stores in") || !process.isRunning }
        guard let address = text.firstMatch(of: /OTEL_EXPORTER_OTLP_ENDPOINT=http:\/\/127\.0\.0\.1:(\d+)/),
            let port = UInt16(address.1)
        else { throw Ended(description: "spankit serve ended with \(process.terminationStatus): \(text)") }
        self.port = port
    }

    struct Ended: Error, CustomStringConvertible { let description: String }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    var url: String { "http://127.0.0.1:\(port)" }
    var identifier: Int32 { process.processIdentifier }
    var output: String { folder.text(of: "output") }
    var error: String { folder.text(of: "error") }
    /// The names of the files of the temporary stores.
    var storeNames: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path("spankit"))) ?? []).sorted()
    }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for the end.
    /// - Returns: The exit status, or 128 and the number of the signal.
    func status() async throws -> Int32 {
        let process = process
        try await eventually("spankit serve ends", process.isRunning) { !$0 }
        return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    }

    func exchange(
        _ method: String = "GET",
        _ path: String,
        headers: [String] = [],
        body: [UInt8] = []
    ) async throws -> HTTPExchange {
        let port = port
        return try await onThread { try HTTPExchange(method, port: port, path: path, headers: headers, body: body) }
    }
}
