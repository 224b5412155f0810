import SpanKitTestSupport
import Synchronization

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

    private let server: FaultServer
    private let isReleased: Released
    /// Such as `http://127.0.0.1:40123`.
    var address: String { server.url }

    /// What makes `spankit profile --model anthropic` ask this server.
    var environment: [String: String] { ["ANTHROPIC_API_KEY": "sk-ant-any", "ANTHROPIC_BASE_URL": address] }

    /// Starts to listen. Requests get the answers in order, and from then on the last one.
    /// - Parameter held: the number of a request whose answer waits for `release()`.
    init(_ answers: [Answer], holding held: Int? = nil) throws {
        let isReleased = Released()
        self.isReleased = isReleased
        server = try FaultServer { _, number in
            if number == held { _ = try? eventually("the answer is released", isReleased.flag.withLock { $0 }) { $0 } }
            return switch answers[min(number, answers.count - 1)] {
            case .silence: .neverAnswer
            // Zero seconds, so that a test of retries does not wait.
            case .status(let status, let body, let type):
                .text(status, body, type: type, headers: [("Retry-After", "0")])
            }
        }
    }

    /// How many requests have come.
    var requests: Int { server.requests.count }

    /// Lets the answer go that was held.
    func release() { isReleased.flag.withLock { $0 = true } }

    /// Ends every connection.
    func stop() { server.stop() }

    private final class Released: Sendable {
        let flag = Mutex(false)
    }
}
