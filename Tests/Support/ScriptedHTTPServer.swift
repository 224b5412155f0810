import Foundation
import Synchronization

/// A real HTTP/1.1 server on a free loopback port that does what the test says, also what no decent server would.
public final class ScriptedHTTPServer: Sendable {
    /// What to do with one request.
    public enum Action: Sendable {
        /// Answer.
        case respond(status: Int, headers: [(String, String)] = [], body: [UInt8])
        /// Wait before the next action of the same request.
        case pause(milliseconds: Int)
        /// Write bytes as they are.
        case raw([UInt8])
        /// Close the connection without a word.
        case close
        /// Say nothing until the server stops.
        case hang

        /// Answers with text.
        public static func text(_ status: Int, _ body: String, _ headers: [(String, String)] = []) -> Action {
            .respond(status: status, headers: headers, body: Array(body.utf8))
        }
    }

    /// What a client sent.
    public struct Request: Sendable {
        /// `POST /v1/messages HTTP/1.1`.
        public var line: String
        /// Names in lower case.
        public var headers: [String: String]
        /// As long as `content-length` says.
        public var body: [UInt8]
    }

    private struct State {
        var script: [[Action]]
        var requests: [Request] = []
        var connections: [Int32] = []
        var isStopped = false
    }

    /// The port on 127.0.0.1.
    public let port: UInt16

    private let listener: Int32
    private let state: Mutex<State>

    /// Starts a server.
    /// - Parameter script: one list of actions for each request, in the order in which they come; the last one repeats.
    public init(_ script: [[Action]]) throws {
        state = Mutex(State(script: script))
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, generic, &length) == 0
            }
        }
        guard listener >= 0, bound else { throw POSIXError(.EADDRNOTAVAIL) }
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        Thread { [self] in acceptLoop() }.start()
    }

    /// `http://127.0.0.1:PORT`.
    public var url: String { "http://127.0.0.1:\(port)" }

    /// The requests so far.
    public var requests: [Request] { state.withLock { $0.requests } }

    /// Wakes every thread; each closes its own socket, so that no number is used again while another thread holds it.
    public func stop() {
        let connections = state.withLock { state in
            defer { state.connections = [] }
            state.isStopped = true
            return state.connections
        }
        shutdown(listener, Int32(SHUT_RDWR))
        for connection in connections { shutdown(connection, Int32(SHUT_RDWR)) }
    }

    private func acceptLoop() {
        defer { close(listener) }
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            let isStopped = state.withLock { state in
                if !state.isStopped { state.connections.append(connection) }
                return state.isStopped
            }
            if isStopped {
                close(connection)
                return
            }
            Thread { [self] in
                serve(connection)
                state.withLock { $0.connections.removeAll { $0 == connection } }
                close(connection)
            }.start()
        }
    }

    private func serve(_ connection: Int32) {
        var buffered: [UInt8] = []
        while let request = read(connection, &buffered) {
            let actions = state.withLock { state in
                state.requests.append(request)
                return state.script.count > 1 ? state.script.removeFirst() : state.script.first ?? [.close]
            }
            for action in actions {
                switch action {
                case .respond(let status, let headers, let body):
                    var head = "HTTP/1.1 \(status) Scripted\r\ncontent-length: \(body.count)\r\n"
                    for header in headers { head += "\(header.0): \(header.1)\r\n" }
                    guard write(connection, Array(head.utf8) + Array("\r\n".utf8) + body) else { return }
                case .pause(let milliseconds):
                    usleep(UInt32(milliseconds) * 1_000)
                case .raw(let bytes):
                    guard write(connection, bytes) else { return }
                case .close:
                    return
                case .hang:
                    var byte: UInt8 = 0
                    while recv(connection, &byte, 1, 0) > 0 {}
                    return
                }
            }
        }
    }

    private func read(_ connection: Int32, _ buffered: inout [UInt8]) -> Request? {
        let separator = Array("\r\n\r\n".utf8)
        while true {
            if let end = buffered.firstRange(of: separator) {
                let lines = String(decoding: buffered[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    let parts = line.split(separator: ":", maxSplits: 1)
                    if parts.count == 2 {
                        headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
                    }
                }
                let length = Int(headers["content-length"] ?? "") ?? 0
                while buffered.count < end.upperBound + length {
                    guard receive(connection, &buffered) else { return nil }
                }
                let body = Array(buffered[end.upperBound..<end.upperBound + length])
                buffered.removeFirst(end.upperBound + length)
                return Request(line: lines.first ?? "", headers: headers, body: body)
            }
            guard receive(connection, &buffered) else { return nil }
        }
    }

    private func receive(_ connection: Int32, _ buffered: inout [UInt8]) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(connection, &chunk, chunk.count, 0)
        guard count > 0 else { return false }
        buffered.append(contentsOf: chunk[..<count])
        return true
    }

    private func write(_ connection: Int32, _ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
