import Foundation
import SpanKitInputs

extension NodeExporterVersion {
    /// The version that the user named, or the one on this machine. If there is neither, assumes the newest and says so
    /// on standard error.
    static func chosen(_ text: String?) throws -> NodeExporterVersion {
        if let text {
            guard let version = NodeExporterVersion(text) else {
                throw CommandFailure(.usage, "--node-exporter: '\(text)' is not a version such as 1.9 or 1.9.0")
            }
            return version
        }
        if let installed { return installed }
        StandardStreams.note(
            "node_exporter is not installed here; assuming version \(newest.text) (choose one with --node-exporter)"
        )
        return newest
    }

    /// The version of the node_exporter in `PATH`.
    private static var installed: NodeExporterVersion? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        for name in ["prometheus-node-exporter", "node_exporter"] {
            for folder in folders where FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") {
                if let version = version(of: "\(folder)/\(name)") { return version }
            }
        }
        return nil
    }

    /// Asks a program for its version. Versions up to 1.5 write it to standard error.
    private static func version(of program: String) -> NodeExporterVersion? {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["--version"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        guard (try? process.run()) != nil else { return nil }
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        // node_exporter, version 1.5.0 (branch: debian/sid, revision: 1.5.0-1+b6)
        return text.firstMatch(of: #/version (\d+\.\d+\.\d+)/#).flatMap { NodeExporterVersion(String($0.output.1)) }
    }
}
