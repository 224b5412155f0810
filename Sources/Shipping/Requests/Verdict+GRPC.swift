import SpanKitHTTP
import SpanKitPlatform

/// The answers of gRPC (OTLP specification, "OTLP/gRPC Response"; gRPC, "HTTP to gRPC Status Code Mapping").
extension Verdict {
    /// The size above which receivers refuse a message, if they are not configured otherwise.
    private static let usualMessageLimit = 4 * 1_024 * 1_024

    init(gRPC answer: HTTPAnswer, unixSeconds: Int64) {
        if let status = Self.status(of: answer) {
            self = Self.read(status, answer)
        } else if case .noConnection(.streamReset, let text) = answer.failure,
            answer.requestBytes > Self.usualMessageLimit
        {
            // Some versions of libcurl do not show the status of a server that ends the stream during the upload.
            self = .split(reason: "\(text) (the message has more than 4 MiB)", status: 8)
        } else if answer.failure != nil {
            self.init(failure: answer, unixSeconds: unixSeconds)
        } else {
            self = Self.readProxy(answer, unixSeconds)
        }
    }

    /// The status that the server has sent; nil if it is missing, or if it may not be the whole answer.
    ///
    /// It counts even if the connection breaks afterwards, as after the status of a message that is too large. Success is only certain
    /// after a whole message, because the status follows the message.
    static func status(of answer: HTTPAnswer) -> GRPCStatus? {
        guard let status = GRPCStatus(answer.grpcFields) else {
            return hasLostTrailers(answer) ? GRPCStatus(code: 0) : nil
        }
        let isWhole = status.code != 0 || answer.failure == nil || GRPCFrame.startsWithMessage(answer.body)
        return isWhole ? status : nil
    }

    /// Whether an answer is a success whose status libcurl has lost.
    ///
    /// Some versions of libcurl (7.61 and 7.88 do, 8.11 does not) discard trailers that arrive together with the announced end of the
    /// connection (GOAWAY), and report no error. Servers send a message only if the call succeeded: a failure has its status in the head, without a message. Sending the
    /// body again would repeat its spans each time that the server ends a connection.
    private static func hasLostTrailers(_ answer: HTTPAnswer) -> Bool {
        answer.status == 200 && answer.failure == nil && answer.grpcFields["grpc-status"] == nil
            && answer.contentType.hasPrefix("application/grpc") && GRPCFrame.startsWithMessage(answer.body)
    }

    private static func read(_ status: GRPCStatus, _ answer: HTTPAnswer) -> Verdict {
        let reason = describe(status)
        switch status.code {
        case 0:
            let message = GRPCFrame.firstMessage(in: answer.body, limit: 4 * 1_024 * 1_024) ?? []
            let (rejected, text) = partialSuccess(protobuf: message)
            return .accepted(rejected: rejected, message: text)
        case let code where [8, 11].contains(code) && status.retryDelay == nil && mentionsSize(status.message):
            return .split(reason: reason, status: status.code)
        case 1, 4, 10, 11, 14, 15: return .again(after: status.retryDelay, reason: reason)
        case 8 where status.retryDelay != nil: return .again(after: status.retryDelay, reason: reason)
        default: return .refused(.grpcStatus(status.code), reason: reason)
        }
    }

    private static func describe(_ status: GRPCStatus) -> String {
        let message = line(status.message)
        let name = "gRPC status \(status.code) (\(GRPCStatus.name(of: status.code)))"
        return message.isEmpty ? name : "\(name): \(message)"
    }

    /// An answer without a gRPC status: of a proxy, or of a server that is not a receiver.
    private static func readProxy(_ answer: HTTPAnswer, _ unixSeconds: Int64) -> Verdict {
        let reason = "status \(answer.status) without a gRPC status"
        switch answer.status {
        // Some versions of libcurl report a cut connection in this way, or lose the message and the status before GOAWAY.
        case 200: return .again(after: nil, reason: "the answer has no gRPC status")
        case 429, 502, 503, 504:
            let delay = answer.retryAfter.flatMap { RetryAfter.parse($0, unixSeconds: unixSeconds) }
            return .again(after: delay, reason: reason)
        case 413: return .split(reason: reason, status: 413)
        default: return .refused(.status(answer.status), reason: reason)
        }
    }
}
