import Foundation
import Synchronization
import Testing

/// An HTTP server on the loopback address that speaks as much of the Messages API as a client sees.
final class MessagesServer: Sendable {
    /// How one request is answered.
    enum Answer: Sendable {
        case status(Int, String, type: String = "application/json")
        /// The connection stays open and silent.
        case silence

        /// An answer of the model, with 12 tokens read and 7 written.
        static let text = Answer.status(
            200,
            #"{"id":"m","type":"message","role":"assistant","model":"claude-test","stop_reason":"end_turn","#
                + #""content":[{"type":"text","text":"What would change for your users?"}],"#
                + #""usage":{"input_tokens":12,"output_tokens":7}}"#
        )

        /// The same as a stream.
        static let stream = Answer.status(
            200,
            #"data: {"type":"message_start","message":{"id":"m","model":"claude-test","#
                + #""usage":{"input_tokens":2,"cache_read_input_tokens":10,"output_tokens":1}}}"# + "\n\n"
                + #"data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"What would change?"}}"#
                + "\n\n"
                + #"data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":7}}"#
                + "\n\n"
                + #"data: {"type":"message_stop"}"# + "\n\n",
            type: "text/event-stream"
        )

        /// An error as the API words it.
        static func failure(_ status: Int, _ type: String) -> Answer {
            .status(status, #"{"type":"error","error":{"type":"\#(type)","message":"sorry, \#(type)"}}"#)
        }
    }

    private let listener: Int32
    private let answers: [Answer]
    private let requestCount = Atomic<Int>(0)
    private let silent = Mutex<[Int32]>([])
    /// Such as `http://127.0.0.1:40123`.
    let address: String

    /// Starts to listen. Requests get the answers in order, and from then on the last one.
    init(_ answers: [Answer]) throws {
        self.answers = answers
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        try #require(isBound, "no loopback socket: \(String(cString: strerror(errno)))")
        self.listener = listener
        address = "http://127.0.0.1:\(UInt16(bigEndian: name.sin_port))"
        Thread.detachNewThread { [self] in serve() }
    }

    /// How many requests have come.
    var requests: Int { requestCount.load(ordering: .relaxed) }

    /// Ends every connection.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        silent.withLock { connections in
            for connection in connections { close(connection) }
            connections = []
        }
    }

    private func serve() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            guard readRequest(connection) else {
                close(connection)
                continue
            }
            let number = requestCount.wrappingAdd(1, ordering: .relaxed).oldValue
            switch answers[min(number, answers.count - 1)] {
            case .silence: silent.withLock { $0.append(connection) }
            case .status(let status, let body, let type):
                // Zero seconds, so that a test of retries does not wait.
                let head =
                    "HTTP/1.1 \(status) X\r\ncontent-type: \(type)\r\ncontent-length: \(body.utf8.count)\r\n"
                    + "retry-after: 0\r\nconnection: close\r\n\r\n"
                let bytes = Array((head + body).utf8)
                _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                close(connection)
            }
        }
    }

    /// Reads up to the end of the body, so that closing does not reset the connection before the answer is read.
    private func readRequest(_ connection: Int32) -> Bool {
        var request: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { return false }
            request += chunk[..<count]
            let text = String(decoding: request, as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let length = text.firstMatch(of: #/(?i)content-length: ([0-9]+)/#).flatMap { Int($0.1) } ?? 0
            if text[end.upperBound...].utf8.count >= length { return true }
        }
    }
}
