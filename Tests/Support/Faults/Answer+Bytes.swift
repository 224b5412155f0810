import Glibc

extension Answer {
    /// The bytes of the answer; nil for answers that are a behavior of the connection.
    func bytes(for request: ReceivedRequest) -> [UInt8]? {
        switch self {
        case .status(let status, let headers, let body):
            return Self.message(status, headers, body)
        case .unavailable(let retryAfter, let status):
            return Self.message(status, retryAfter.map { [("Retry-After", $0.value)] } ?? [], [])
        case .rpcStatus(let status, let code, let message, let type):
            return Self.message(status, Self.rpcBody(code, message, isProtobuf: type.isProtobuf(request)))
        case .partialSuccess(let rejected, let message, let type):
            return Self.message(200, Self.successBody(rejected, message, request, type.isProtobuf(request)))
        case .bigBody(let count):
            let body = [UInt8](repeating: UInt8(ascii: " "), count: count)
            return Self.message(200, (type: request.isProtobuf ? protobufType : jsonType, body: body))
        case .gzipBomb(let count):
            let headers = [("Content-Type", jsonType), ("Content-Encoding", "gzip")]
            return Self.message(200, headers, Gzip.bomb(inflatingTo: count))
        case .raw(let bytes):
            return bytes
        case .slow(_, let answer), .delay(_, let answer), .closeKeepAliveAfterAnswer(_, let answer),
            .resetWhenReused(let answer):
            return answer.bytes(for: request)
        case .neverAnswer, .acceptOnly, .resetBeforeRead, .resetMidBody, .resetMidAnswer, .storeThenClose, .http2,
            .goAway, .goAwayMidAnswer, .resetStream:
            return nil
        }
    }

    /// A head that promises 1,000 bytes, and 500 of them.
    static let halfAnswer =
        Array("HTTP/1.1 200 OK\r\nContent-Type: \(jsonType)\r\nContent-Length: 1000\r\n\r\n".utf8)
        + [UInt8](repeating: UInt8(ascii: " "), count: 500)

    private static func message(_ status: Int, _ content: (type: String, body: [UInt8])) -> [UInt8] {
        message(status, [("Content-Type", content.type)], content.body)
    }

    private static func message(_ status: Int, _ headers: [(String, String)], _ body: [UInt8]) -> [UInt8] {
        var head = "HTTP/1.1 \(status) \(reasons[status] ?? "Scripted")\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        return Array((head + "Content-Length: \(body.count)\r\n\r\n").utf8) + body
    }

    private static func rpcBody(_ code: Int, _ message: String, isProtobuf: Bool) -> (type: String, body: [UInt8]) {
        guard isProtobuf else {
            return (jsonType, Array(#"{"code":\#(code),"message":"\#(jsonEscaped(message))","details":[]}"#.utf8))
        }
        return (protobufType, varint(1, code) + text(2, message))
    }

    static func successBody(
        _ rejected: Int64,
        _ message: String,
        _ request: ReceivedRequest,
        _ isProtobuf: Bool
    ) -> (type: String, body: [UInt8]) {
        let isEmpty = rejected == 0 && message.isEmpty
        guard isProtobuf else {
            let what = request.path.hasSuffix("/metrics") ? "rejectedDataPoints" : "rejectedSpans"
            let success = #"{"partialSuccess":{"\#(what)":"\#(rejected)","errorMessage":"\#(jsonEscaped(message))"}}"#
            return (jsonType, Array((isEmpty ? "{}" : success).utf8))
        }
        let partial = (rejected == 0 ? [] : varint(1, Int(rejected))) + (message.isEmpty ? [] : text(2, message))
        return (protobufType, isEmpty ? [] : field(1, partial))
    }

    private static func jsonEscaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\"", "\\": result += "\\" + String(scalar)
            case "\0"..<" ":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    static func varint(_ number: UInt8, _ value: Int) -> [UInt8] {
        [number << 3] + varint(UInt64(bitPattern: Int64(value)))
    }

    static func text(_ number: UInt8, _ text: String) -> [UInt8] {
        field(number, Array(text.utf8))
    }

    static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        [number << 3 | 2] + varint(UInt64(bytes.count)) + bytes
    }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}

private let jsonType = "application/json"
private let protobufType = "application/x-protobuf"
private let reasons = [
    200: "OK", 202: "Accepted", 301: "Moved Permanently", 307: "Temporary Redirect", 400: "Bad Request",
    401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout",
    413: "Content Too Large", 415: "Unsupported Media Type", 429: "Too Many Requests", 500: "Internal Server Error",
    501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
]

extension Answer.BodyType {
    fileprivate func isProtobuf(_ request: ReceivedRequest) -> Bool {
        switch self {
        case .asRequest: request.isProtobuf
        case .json: false
        case .protobuf: true
        }
    }
}

extension Answer.RetryAfter {
    fileprivate var value: String {
        switch self {
        case .seconds(let seconds): "\(seconds)"
        case .dateIn(let seconds): Self.date(time(nil) + seconds)
        case .text(let text): text
        }
    }

    /// RFC 9110, §5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func date(_ moment: time_t) -> String {
        var moment = moment
        var parts = tm()
        gmtime_r(&moment, &parts)
        var buffer = [CChar](repeating: 0, count: 64)
        strftime(&buffer, buffer.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
