import SpanKitHTTP
import SpanKitOTLP
import SpanKitPlatform

/// What an answer means for the posted body (OTLP specification, "OTLP/HTTP Response"; `Retry-After`: RFC 9110).
package enum Verdict: Equatable {
    /// The body was accepted. The receiver may have rejected some of the spans or data points; if it rejected none, the message is
    /// a warning.
    case accepted(rejected: Int, message: String)
    /// Retry: send the same bytes again, not before the delay that the receiver asked for.
    case again(after: Duration?, reason: String)
    /// The body is too large for the receiver.
    case split(reason: String, status: Int)
    /// Drop the body.
    case refused(DropReason, reason: String)

    /// Whether the verdict is the receiver's, not caused by the network or the settings.
    var isAnswer: Bool {
        switch self {
        case .accepted, .split, .refused(.status, _): true
        case .refused(.grpcStatus, _): true
        case .again, .refused: false
        }
    }

    /// - Parameters:
    ///   - transport: the protocol of the request.
    ///   - unixSeconds: the current time, for a `Retry-After` that is a date.
    package init(_ answer: HTTPAnswer, _ transport: OTLPProtocol = .httpJSON, unixSeconds: Int64) {
        if transport == .grpc {
            self.init(gRPC: answer, unixSeconds: unixSeconds)
        } else {
            self.init(failure: answer, unixSeconds: unixSeconds)
        }
    }

    /// Reads an answer over HTTP, or the failure of a request without an answer.
    init(failure answer: HTTPAnswer, unixSeconds: Int64) {
        switch answer.failure {
        case .noConnection(_, let text): self = .again(after: nil, reason: text)
        case .timedOut: self = .again(after: nil, reason: "no answer in time")
        case .answerTooLarge: self = .refused(.answerTooLarge, reason: "the answer is longer than the exporter reads")
        case .settings(let text): self = .refused(.settings, reason: text)
        case .cancelled: self = .again(after: nil, reason: "the request was cancelled")
        case nil: self = Self.read(answer, unixSeconds)
        }
    }

    private static func read(_ answer: HTTPAnswer, _ unixSeconds: Int64) -> Verdict {
        switch answer.status {
        case 200..<300:
            if isWebPage(answer) { return .again(after: nil, reason: "status \(answer.status), \(webPage)") }
            let (rejected, message) = partialSuccess(answer)
            return .accepted(rejected: rejected, message: message)
        case 429, 502, 503, 504:
            let delay = answer.retryAfter.flatMap { RetryAfter.parse($0, unixSeconds: unixSeconds) }
            return .again(after: delay, reason: describe(answer))
        case 413: return .split(reason: describe(answer), status: 413)
        case 400 where mentionsSize(answer): return .split(reason: describe(answer), status: 400)
        default: return .refused(.status(answer.status), reason: describe(answer))
        }
    }

    /// The reason for a login page, a portal or another server's user interface, which may answer any request with 200.
    static let webPage = "a web page instead of an OTLP answer"

    /// Whether the body is HTML. The `Content-Type` header alone is not enough, because
    /// some proxies set it to HTML on the receiver's answers.
    private static func isWebPage(_ answer: HTTPAnswer) -> Bool {
        let start = answer.body.prefix(1_024).drop { $0 <= 0x20 || $0 == 0xEF || $0 == 0xBB || $0 == 0xBF }
        guard start.first == UInt8(ascii: "<") else { return false }
        return answer.contentType == "text/html" || answer.contentType == "application/xhtml+xml"
            || ["<!doctype html", "<html"].contains { page in
                start.prefix(page.utf8.count).elementsEqual(page.utf8) { $0 | 0x20 == $1 | 0x20 }
            }
    }

    private static func partialSuccess(_ answer: HTTPAnswer) -> (rejected: Int, message: String) {
        if answer.contentType == Encoding.protobuf.contentType { return partialSuccess(protobuf: answer.body) }
        let partial = JSONValue(answer.body)?["partialSuccess"]
        let names = ["rejectedSpans", "rejectedLogRecords", "rejectedDataPoints"]
        let rejected = names.lazy.compactMap { partial?[$0]?.integer }.first ?? 0
        return (max(0, rejected), line(partial?["errorMessage"]?.string ?? ""))
    }

    static func partialSuccess(protobuf message: [UInt8]) -> (rejected: Int, message: String) {
        guard let partial = ProtobufFields(message)?.bytes[1], let fields = ProtobufFields(partial) else {
            return (0, "")
        }
        // A negative number makes no sense, and would be a large one here.
        let rejected = Int64(bitPattern: fields.integers[1] ?? 0)
        return (Int(clamping: max(0, rejected)), line(fields.text(2) ?? ""))
    }

    /// The status and the message of a `google.rpc.Status`. Other bodies are not repeated, because they may quote the
    /// request.
    private static func describe(_ answer: HTTPAnswer) -> String {
        let message = line(statusMessage(answer))
        return message.isEmpty ? "status \(answer.status)" : "status \(answer.status): \(message)"
    }

    private static func statusMessage(_ answer: HTTPAnswer) -> String {
        switch answer.contentType {
        case Encoding.protobuf.contentType: ProtobufFields(answer.body)?.text(2) ?? ""
        case Encoding.json.contentType: JSONValue(answer.body)?["message"]?.string ?? ""
        default: ""
        }
    }

    /// Whether the answer says that the body is too large. The OpenTelemetry Collector then answers 400, not 413.
    private static func mentionsSize(_ answer: HTTPAnswer) -> Bool {
        mentionsSize(String(decoding: answer.body.prefix(2_048), as: UTF8.self))
    }

    static func mentionsSize(_ text: String) -> Bool {
        let text = text.lowercased()
        return ["too large", "too big", "larger than", "exceeds the", "exceeds maximum", "size limit", "max size"]
            .contains { text.contains($0) }
    }

    /// One line of at most 200 characters, without control characters.
    static func line(_ text: String) -> String {
        let words = text.unicodeScalars.split(whereSeparator: \.steersTerminal)
            .map { String(String.UnicodeScalarView($0)) }
        let line = words.joined(separator: " ")
        return line.count <= 200 ? line : line.prefix(199) + "…"
    }
}

/// The fields of a short protobuf message.
struct ProtobufFields {
    private(set) var integers: [Int: UInt64] = [:]
    private(set) var bytes: [Int: [UInt8]] = [:]

    /// Nil if the bytes are not a protobuf message. For a repeated field, the last element counts.
    init?(_ message: [UInt8]) {
        guard let fields = ProtobufField.all(in: message[...]) else { return nil }
        for field in fields {
            switch field.wire {
            case 0: integers[field.number] = field.integer
            case 2: bytes[field.number] = Array(field.content)
            default: break
            }
        }
    }

    /// The text in a field.
    func text(_ field: Int) -> String? {
        bytes[field].map { String(decoding: $0, as: UTF8.self) }
    }
}
