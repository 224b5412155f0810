import Hummingbird
import SpanKitOTLP
import SpanKitPlatform
import SpanKitStore

/// Why a request of OTLP is refused: a status of HTTP and a sentence for the sender.
struct Refusal: Error {
    var status: HTTPResponse.Status
    var reason: String
    /// After how many seconds the sender may try again; nil if the same request would fail again.
    var retryAfter: Int?

    init(_ status: HTTPResponse.Status, _ reason: String, retryAfter: Int? = nil) {
        self.status = status
        self.reason = reason
        self.retryAfter = retryAfter
    }
}

/// The answers of an OTLP/HTTP receiver (OTLP 1.10, "OTLP/HTTP Response").
enum ReceiverAnswer {
    /// `ExportTraceServiceResponse` and its siblings, with the numbers of what was left out.
    static func success(_ request: OTLPRequest, leftOutFields: Int, _ encoding: Encoding) -> Response {
        var message = request.rejection.map { "\($0); \(request.rejectedCount) left out" } ?? ""
        if leftOutFields > 0, message.isEmpty {
            message =
                "\(leftOutFields) unknown or repeated JSON members were left out, because their types are not known"
        }
        guard !message.isEmpty else { return answer(.ok, encoding == .json ? Array("{}".utf8) : [], encoding) }
        switch encoding {
        case .json:
            let name =
                switch request.signal {
                case .traces: "rejectedSpans"
                case .logs: "rejectedLogRecords"
                case .metrics: "rejectedDataPoints"
                }
            let count = request.rejectedCount > 0 ? "\"\(name)\":\"\(request.rejectedCount)\"," : ""
            return answer(
                .ok,
                Array("{\"partialSuccess\":{\(count)\"errorMessage\":\(message.jsonQuoted)}}".utf8),
                encoding
            )
        case .protobuf:
            var partial: [UInt8] = []
            if request.rejectedCount > 0 {
                partial.append(0x08)
                Varint.append(UInt64(request.rejectedCount), to: &partial)
            }
            OTLPAssembly.append(2, Array(message.utf8), to: &partial)
            var body: [UInt8] = []
            OTLPAssembly.append(1, partial, to: &body)
            return answer(.ok, body, encoding)
        }
    }

    /// `google.rpc.Status` with the reason.
    static func refusal(_ refusal: Refusal, _ encoding: Encoding) -> Response {
        var body: [UInt8] = []
        switch encoding {
        case .json: body = Array("{\"message\":\(refusal.reason.jsonQuoted)}".utf8)
        case .protobuf: OTLPAssembly.append(2, Array(refusal.reason.utf8), to: &body)
        }
        var response = answer(refusal.status, body, encoding)
        if let seconds = refusal.retryAfter { response.headers[.retryAfter] = "\(seconds)" }
        return response
    }

    private static func answer(_ status: HTTPResponse.Status, _ body: [UInt8], _ encoding: Encoding) -> Response {
        let type = encoding == .json ? "application/json" : "application/x-protobuf"
        return Response(
            status: status,
            headers: [.contentType: type],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }
}
