/// An answer in HTTP/2: the head, the body, and the trailers. Without body and trailers, the head ends the stream.
struct HTTP2Answer {
    var head: [(String, String)]
    var body: [UInt8] = []
    var trailers: [(String, String)] = []
}

extension Answer {
    /// An answer of gRPC without a message ("Trailers-Only").
    /// - Parameters:
    ///   - retryDelay: how long the client should wait (`google.rpc.RetryInfo`).
    ///   - status: the status of HTTP.
    public static func grpc(
        _ code: Int,
        _ message: String = "",
        retryDelay: Duration? = nil,
        status: Int = 200
    ) -> Answer {
        .http2(
            head: [(":status", "\(status)"), ("content-type", "application/grpc")]
                + grpcStatus(code, message, retryDelay)
        )
    }

    /// The fields that tell the result of a call.
    public static func grpcStatus(
        _ code: Int,
        _ message: String = "",
        _ retryDelay: Duration? = nil
    ) -> [(String, String)] {
        var fields = [("grpc-status", "\(code)")]
        if !message.isEmpty { fields.append(("grpc-message", percentEncoded(message))) }
        if let retryDelay {
            let (seconds, attoseconds) = retryDelay.components
            let duration =
                (seconds == 0 ? [] : varint(1, Int(seconds)))
                + (attoseconds == 0 ? [] : varint(2, Int(attoseconds / 1_000_000_000)))
            let any = text(1, "type.googleapis.com/google.rpc.RetryInfo") + field(2, field(1, duration))
            let details = varint(1, code) + text(2, message) + field(3, any)
            fields.append(("grpc-status-details-bin", unpaddedBase64(details)))
        }
        return fields
    }

    /// A message in gRPC's frame.
    public static func grpcFrame(_ message: [UInt8], isCompressed: Bool = false) -> [UInt8] {
        [isCompressed ? 1 : 0] + (0..<4).reversed().map { UInt8(truncatingIfNeeded: message.count >> (8 * $0)) }
            + message
    }

    /// The answer in HTTP/2; nil for answers that are a behavior of the connection.
    func inHTTP2(_ request: ReceivedRequest) -> HTTP2Answer? {
        let head = [(":status", "200"), ("content-type", "application/grpc")]
        switch self {
        case .http2(let head, let body, let trailers): return HTTP2Answer(head: head, body: body, trailers: trailers)
        case .status(let status, let headers, let body):
            return HTTP2Answer(head: [(":status", "\(status)")] + headers, body: body)
        case .unavailable(let retryAfter, _):
            let delay: Duration? =
                switch retryAfter {
                case .seconds(let seconds): .seconds(seconds)
                case .dateIn(let seconds): .seconds(seconds)
                case .text, nil: nil
                }
            return Answer.grpc(14, "unavailable", retryDelay: delay).inHTTP2(request)
        case .rpcStatus(_, let code, let message, _): return Answer.grpc(code, message).inHTTP2(request)
        case .partialSuccess(let rejected, let message, _):
            let success = Self.successBody(rejected, message, request, true).body
            return HTTP2Answer(head: head, body: Self.grpcFrame(success), trailers: Self.grpcStatus(0))
        case .bigBody(let count):
            let body = [UInt8](repeating: UInt8(ascii: " "), count: count)
            return HTTP2Answer(head: head, body: Self.grpcFrame(body), trailers: Self.grpcStatus(0))
        case .gzipBomb(let count):
            let body = Self.grpcFrame(Gzip.bomb(inflatingTo: count), isCompressed: true)
            return HTTP2Answer(head: head + [("grpc-encoding", "gzip")], body: body, trailers: Self.grpcStatus(0))
        case .slow(_, let answer), .delay(_, let answer), .closeKeepAliveAfterAnswer(_, let answer),
            .resetWhenReused(let answer), .goAway(let answer), .goAwayMidAnswer(let answer):
            return answer.inHTTP2(request)
        case .raw, .neverAnswer, .acceptOnly, .resetBeforeRead, .resetMidBody, .resetMidAnswer, .storeThenClose,
            .resetStream:
            return nil
        }
    }

    private static func percentEncoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            if 0x20...0x7E ~= byte, byte != UInt8(ascii: "%") {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result +=
                    "%" + String(byte >> 4, radix: 16, uppercase: true) + String(byte & 15, radix: 16, uppercase: true)
            }
        }
    }

    private static func unpaddedBase64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        var (bits, count) = (0, 0)
        for byte in bytes {
            bits = bits << 8 | Int(byte)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[bits >> count & 63])
            }
            bits &= 1 << count - 1
        }
        if count > 0 { text.append(alphabet[bits << (6 - count) & 63]) }
        return text
    }
}
