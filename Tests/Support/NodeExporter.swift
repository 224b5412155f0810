import Foundation
import Synchronization

/// The real prometheus-node-exporter with its textfile collector only, on a free loopback port.
public final class NodeExporter: Sendable {
    /// Why it cannot be used here; nil when it can.
    public static let absence: String? =
        executable == nil ? "prometheus-node-exporter is not installed (Debian: prometheus-node-exporter)" : nil

    /// Whether a machine without it fails the test instead of skipping it.
    public static let isRequired = ProcessInfo.processInfo.environment["CI"] != nil

    private static let executable: String? = {
        let directories = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        return directories.map { "\($0)/prometheus-node-exporter" }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }()

    private let process: Mutex<Process>
    /// Where it serves `/metrics`, on 127.0.0.1.
    public let port: UInt16
    private let log: ScratchDirectory

    /// Starts it and waits until it answers.
    /// - Parameter directory: where it looks for `.prom` files.
    public init(directory: String) throws {
        guard let executable = Self.executable else { throw Failure(reason: Self.absence ?? "") }
        log = try ScratchDirectory()
        port = try Self.freePort()
        let process = Process()
        process.executableURL = URL(filePath: executable)
        process.arguments = [
            "--collector.disable-defaults", "--collector.textfile", "--collector.textfile.directory=\(directory)",
            "--web.listen-address=127.0.0.1:\(port)", "--web.disable-exporter-metrics",
        ]
        try log.put("log", [])
        let output = FileHandle(forWritingAtPath: "\(log.path)/log")
        process.standardError = output
        process.standardOutput = output
        try process.run()
        self.process = Mutex(process)
        for _ in 0..<200 {
            if (try? metrics()) != nil { return }
            usleep(20_000)
        }
        stop()
        throw Failure(reason: "prometheus-node-exporter does not answer: \(logText)")
    }

    deinit { stop() }

    /// What it serves now; throws when it does not answer with 200.
    public func metrics() throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = Self.loopback(port)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { throw Failure(reason: "prometheus-node-exporter: no connection") }
        // HTTP/1.0: the answer ends with the connection, without chunks.
        let request = Array("GET /metrics HTTP/1.0\r\nhost: localhost\r\n\r\n".utf8)
        _ = send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = recv(descriptor, &chunk, chunk.count, 0), count > 0 {
            answer.append(contentsOf: chunk[..<count])
        }
        guard let head = answer.firstRange(of: Array("\r\n\r\n".utf8)), answer.starts(with: "HTTP/1.0 200".utf8)
        else {
            throw Failure(reason: "prometheus-node-exporter: \(String(decoding: answer.prefix(200), as: UTF8.self))")
        }
        return String(decoding: answer[head.upperBound...], as: UTF8.self)
    }

    /// Whether the process lives.
    public var isRunning: Bool { process.withLock { $0.isRunning } }

    /// What it has said so far.
    public var logText: String { log.content(of: "log").map { String(decoding: $0, as: UTF8.self) } ?? "" }

    /// Ends the process.
    public func stop() {
        process.withLock { process in
            if process.isRunning { process.terminate() }
            process.waitUntilExit()
        }
    }

    /// Why it could not be started or asked.
    public struct Failure: Error, CustomStringConvertible {
        /// One line.
        public let reason: String
        /// The reason.
        public var description: String { reason }
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    /// A port that was free a moment ago.
    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        return UInt16(bigEndian: address.sin_port)
    }
}
