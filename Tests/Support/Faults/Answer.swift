/// How a `FaultServer` answers a request.
public indirect enum Answer: Sendable {
    /// A complete answer.
    case status(Int, headers: [(String, String)] = [], body: [UInt8] = [])
    /// Reads the request and holds the connection open in silence.
    case neverAnswer
    /// Accepts the connection and reads nothing.
    case acceptOnly
    /// Resets the connection before a byte of the request is read.
    case resetBeforeRead
    /// Resets the connection after the first half of the request's body.
    case resetMidBody
    /// Resets the connection after the head of an answer and half of its body.
    case resetMidAnswer
    /// Sends another answer in small pieces.
    case slow(bytesPerSecond: Int, Answer = .ok)
    /// Sends another answer after a delay.
    case delay(Duration, then: Answer)
    /// Records the request and closes the connection without an answer, so that the client cannot know that it arrived.
    case storeThenClose
    /// 503 or 429, with or without `Retry-After`.
    case unavailable(RetryAfter? = nil, status: Int = 503)
    /// A failure with a `google.rpc.Status` in its body.
    case rpcStatus(Int, code: Int = 3, message: String, as: BodyType = .asRequest)
    /// 200 with a partial success: some spans were refused, or none were and the message is a warning.
    case partialSuccess(rejected: Int64, message: String, as: BodyType = .asRequest)
    /// 200 with a body of so many spaces.
    case bigBody(Int = 10_000_000)
    /// 200 with a small gzip body that decompresses to so many bytes.
    case gzipBomb(inflatingTo: Int = 1 << 27)
    /// Bytes as they are, then the end of the connection.
    case raw([UInt8])
    /// Answers, keeps the connection open as if for another request, and closes it after `idle`.
    case closeKeepAliveAfterAnswer(idle: Duration = .zero, Answer = .ok)
    /// An answer in HTTP/2. Without trailers, the body, or else the head, ends the stream.
    case http2(head: [(String, String)], body: [UInt8] = [], trailers: [(String, String)] = [])
    /// Answers in HTTP/2, announces the end of the connection, and closes it shortly after.
    case goAway(Answer = .ok)
    /// Sends the head of an answer in HTTP/2, and later the rest of it together with the announced end of the connection.
    case goAwayMidAnswer(Answer = .ok)
    /// Ends the stream of the request with an error code of HTTP/2. The connection stays open.
    case resetStream(UInt32)
    /// Answers, and resets the connection when the next request arrives on it.
    case resetWhenReused(Answer = .ok)

    /// The encoding of a message in a body.
    public enum BodyType: Sendable {
        /// The encoding of the request, as OTLP requires.
        case asRequest
        /// JSON, regardless of the request.
        case json
        /// Protobuf, regardless of the request.
        case protobuf
    }

    /// The value of a `Retry-After` header.
    public enum RetryAfter: Sendable {
        /// A number of seconds.
        case seconds(Int)
        /// An HTTP date so many seconds after the answer.
        case dateIn(seconds: Int)
        /// Any text.
        case text(String)
    }

    /// Full success: `{}` in JSON, no bytes in protobuf.
    public static let ok = Answer.partialSuccess(rejected: 0, message: "")

    /// An answer with a text.
    public static func text(
        _ status: Int,
        _ body: String,
        type: String = "text/plain",
        headers: [(String, String)] = []
    ) -> Answer {
        .status(status, headers: [("Content-Type", type)] + headers, body: Array(body.utf8))
    }

    /// The answer of a web server that is not a collector.
    public static let html404 = Answer.text(
        404,
        "<!DOCTYPE html><html><head><title>404 Not Found</title></head><body><h1>Not Found</h1></body></html>",
        type: "text/html; charset=utf-8"
    )

    /// The answer of a server that only speaks HTTP/2: SETTINGS, then GOAWAY with HTTP_1_1_REQUIRED.
    public static let http2Preface = Answer.raw(
        [0, 0, 0, 4, 0, 0, 0, 0, 0] + [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 13]
    )

    /// Bytes that do not belong to any protocol.
    public static let garbage = Answer.raw([0xFF, 0x00, 0x16, 0x03] + Array("\n\r{<not http>\u{0}\r\n\r\n".utf8))
}
