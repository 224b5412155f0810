import Foundation

/// An OTLP/HTTP receiver on this machine that accepts everything and counts spans.
///
/// It accepts JSON and protobuf, uncompressed or gzipped. It stores bodies until ``spanCount()`` is called, so that
/// counting does not take processor time from the sending program. From 256 MB of stored bodies on, it counts at once.
public final class Sink: @unchecked Sendable {
    /// The port, on the loopback address.
    public let port: UInt16
    private let delayMilliseconds: Int
    private let availableFrom: ContinuousClock.Instant
    private let listener: Int32
    private let lock = NSLock()
    // Guarded by the lock:
    private var bodies: [[UInt8]] = []
    private var waitingBytes = 0
    private var count = 0
    private var unreadableCount = 0

    private static let maximumWaitingBytes = 256 << 20

    /// Starts a receiver on a free port.
    /// - Parameters:
    ///   - delayMilliseconds: The time before each answer.
    ///   - unavailableMilliseconds: The time after the start in which every request is answered with 503.
    public init(delayMilliseconds: Int = 0, unavailableMilliseconds: Int = 0) {
        self.delayMilliseconds = delayMilliseconds
        availableFrom = .now + .milliseconds(unavailableMilliseconds)
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = bind(listener, address, length)
                _ = listen(listener, 64)
                _ = getsockname(listener, address, &length)
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0, let self else { return }
                Thread.detachNewThread { self.serve(connection) }
            }
        }
    }

    /// Stops accepting connections.
    public func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    /// The number of spans in all requests that were answered with 200, even if the client did not wait for the answer.
    public func spanCount() -> Int { lock.withLock { countWaiting().count } }

    /// The number of requests that were answered with 200 but whose body could not be read.
    public func unreadableBodyCount() -> Int { lock.withLock { countWaiting().unreadableCount } }

    private func countWaiting() -> Sink {
        for body in bodies {
            if let spans = SpanCount.spans(in: body) { count += spans } else { unreadableCount += 1 }
        }
        bodies = []
        waitingBytes = 0
        return self
    }

    private func take(_ body: [UInt8]) {
        lock.withLock {
            bodies.append(body)
            waitingBytes += body.count
            if waitingBytes > Self.maximumWaitingBytes { _ = countWaiting() }
        }
    }

    // MARK: HTTP

    private func serve(_ socket: Int32) {
        defer { close(socket) }
        var connection = Connection(socket)
        while let (head, body) = connection.nextRequest() {
            if delayMilliseconds > 0 { usleep(UInt32(delayMilliseconds) * 1_000) }
            let isAvailable = ContinuousClock.now >= availableFrom
            let isProtobuf = head.contains("application/x-protobuf")
            let status = isAvailable ? "200 OK" : "503 Service Unavailable"
            // An empty message is valid protobuf.
            let answer = isAvailable && !isProtobuf ? "{}" : ""
            if isAvailable { take(body) }
            let type = isProtobuf ? "application/x-protobuf" : "application/json"
            guard
                connection.write(
                    "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(answer.utf8.count)\r\n\r\n\(answer)"
                )
            else { return }
        }
    }

    /// Reads requests with `Content-Length` or in chunks.
    private struct Connection {
        private let socket: Int32
        private var received: [UInt8] = []
        private var buffer = [UInt8](repeating: 0, count: 1 << 18)

        init(_ socket: Int32) { self.socket = socket }

        mutating func nextRequest() -> (head: String, body: [UInt8])? {
            guard let head = line(endingWith: "\r\n\r\n")?.lowercased() else { return nil }
            func header(_ name: String) -> String? {
                let line = head.split(separator: "\r\n").first { $0.hasPrefix("\(name):") }
                return line.map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
            }
            if header("expect") == "100-continue", !write("HTTP/1.1 100 Continue\r\n\r\n") { return nil }
            guard header("transfer-encoding") == "chunked" else {
                return bytes(header("content-length").flatMap { Int($0) } ?? 0).map { (head, $0) }
            }
            var body: [UInt8] = []
            while let size = line(endingWith: "\r\n").flatMap({ Int($0.prefix { $0 != ";" }, radix: 16) }) {
                guard let chunk = bytes(size), line(endingWith: "\r\n") != nil else { return nil }
                if size == 0 { return (head, body) }
                body += chunk
            }
            return nil
        }

        func write(_ text: String) -> Bool {
            // A client that has closed the connection must not end the process.
            text.utf8.withContiguousStorageIfAvailable { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                ?? 0 > 0
        }

        private mutating func line(endingWith end: String) -> String? {
            let end = Array(end.utf8)
            while true {
                if let found = received.firstRange(of: end) {
                    defer { received.removeSubrange(..<found.upperBound) }
                    return String(decoding: received[..<found.lowerBound], as: UTF8.self)
                }
                guard receive() else { return nil }
            }
        }

        private mutating func bytes(_ count: Int) -> [UInt8]? {
            while received.count < count { guard receive() else { return nil } }
            defer { received.removeSubrange(..<count) }
            return Array(received[..<count])
        }

        private mutating func receive() -> Bool {
            let count = read(socket, &buffer, buffer.count)
            guard count > 0 else { return false }
            received += buffer[..<count]
            return true
        }
    }
}

/// A ``Sink`` in its own process, so that its memory and processor time are not measured.
///
/// The program has to call ``Scenarios/serveIfAsked(_:)`` or ``Scenarios/run(_:_:)`` first.
public final class SinkProcess {
    static let argument = "spankit-sink"

    /// The endpoint, such as `http://127.0.0.1:4318`.
    public let url: String
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    /// Starts this program as a receiver.
    public init(delayMilliseconds: Int = 0, unavailableMilliseconds: Int = 0) {
        process.executableURL = ScenarioProcess.executable
        process.arguments = [Self.argument, "\(delayMilliseconds)", "\(unavailableMilliseconds)"]
        process.standardOutput = output
        process.standardInput = input
        try? process.run()
        url = "http://127.0.0.1:\(Self.number(output))"
    }

    /// The number of spans that the receiver accepted.
    public func spanCount() -> Int {
        input.fileHandleForWriting.write(Data("count\n".utf8))
        return Self.number(output)
    }

    /// Ends the process.
    public func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    private static func number(_ output: Pipe) -> Int {
        let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    }

    /// Prints the port. Then prints the number of spans for each line of standard input, until standard input closes.
    static func serve(_ arguments: [String]) -> Never {
        let numbers = arguments.compactMap { Int($0) } + [0, 0]
        let sink = Sink(delayMilliseconds: numbers[0], unavailableMilliseconds: numbers[1])
        print(sink.port)
        fflush(nil)
        while readLine() != nil {
            print(sink.spanCount())
            fflush(nil)
        }
        exit(0)
    }
}
