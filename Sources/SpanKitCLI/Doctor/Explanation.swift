import SpanKitHTTP
import SpanKitOTLP
import SpanKitPlatform
import SpanKitShipping

/// What an answer means, and what to do about it, in words.
struct Explanation: Sendable, Equatable {
    var isGood: Bool
    /// What came back.
    var finding: String
    /// What to do; empty when all is well.
    var advice: [String]

    init(_ answer: HTTPAnswer, _ exporter: OTLPExporter) {
        let url = try? EndpointURL(exporter.url)
        let verdict = Verdict(answer, unixSeconds: UnixTime.seconds())
        switch verdict {
        case .accepted(let rejected, let message):
            isGood = rejected == 0
            let remark = message.isEmpty ? "" : ": \(message)"
            finding = rejected == 0 ? "accepted (\(answer.status))\(remark)" : "\(rejected) spans refused\(remark)"
            advice = rejected == 0 ? [] : ["the receiver takes requests, but not what is in them; see its log"]
        case .again(_, let reason) where answer.failure == nil:
            isGood = false
            finding = reason
            advice = Self.advice(status: answer.status, url, exporter)
        case .again(_, let reason):
            isGood = false
            finding = reason
            advice = Self.advice(answer.failure, url)
        case .split(let reason, _):
            isGood = false
            finding = reason
            advice = ["even this small request is too large for the receiver; see its size limits"]
        case .refused(.settings, let reason):
            isGood = false
            finding = reason
            advice = ["a setting cannot work: check the certificate and key files, and the URL"]
        case .refused(_, let reason):
            isGood = false
            finding = reason
            advice = Self.advice(status: answer.status, url, exporter)
        }
    }

    private static func advice(status: Int, _ url: EndpointURL?, _ exporter: OTLPExporter) -> [String] {
        switch status {
        case 200..<300:
            return [
                "a web page answers there, this is no OTLP receiver: check host, port and path of the endpoint; a proxy or a "
                    + "login page may be in between"
            ]
        case 400:
            return [
                "the receiver does not understand the request; if it takes protobuf only, set "
                    + "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"
            ]
        case 401, 403:
            return [
                "the receiver wants credentials; set OTEL_EXPORTER_OTLP_HEADERS, such as Authorization=Bearer%20TOKEN"
            ]
        case 404:
            let path = url?.path ?? ""
            guard !path.hasSuffix("/v1/traces") else {
                return [
                    "nothing listens at \(path); is this a collector, and has it the path of another signal or a prefix?"
                ]
            }
            return [
                "nothing listens at '\(path)'. OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is used as it is, without "
                    + "/v1/traces: try \(url.map { OTLPExporter.printable(url: $0.appending("v1/traces").text) } ?? "")"
            ]
        case 405: return ["something listens there that takes no POST: most likely not an OTLP receiver"]
        case 415:
            let other = exporter.encoding == .json ? "http/protobuf" : "http/json"
            return ["the receiver does not take this encoding; set OTEL_EXPORTER_OTLP_PROTOCOL=\(other)"]
        case 429, 503:
            return ["the receiver is reachable but unavailable at the moment; the spans wait and are sent again"]
        case 502, 504: return ["a proxy answers, the receiver behind it does not"]
        case 300..<400: return ["redirects are not followed, because credentials would follow them; use the final URL"]
        default: return ["an error of the receiver; see its log"]
        }
    }

    private static func advice(_ failure: HTTPAnswer.Failure?, _ url: EndpointURL?) -> [String] {
        let isPortOfGRPC = url?.port == 4317
        switch failure {
        case .noConnection(let trouble, _):
            switch trouble {
            case .notHTTP:
                return [
                    "what answers there does not speak HTTP/1.1"
                        + (isPortOfGRPC
                            ? ": 4317 is the port of OTLP over gRPC; try 4318" : "; the port of OTLP over gRPC?")
                ]
            case .plainText: return ["no TLS is spoken there; use http:// instead of https://"]
            case .tls:
                return [
                    "the TLS handshake failed. For an authority of your own set OTEL_EXPORTER_OTLP_CERTIFICATE; where the "
                        + "receiver wants to know who you are, OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and _CLIENT_KEY"
                ]
            case .unknownHost: return ["the name of the host is not known here; check it, or use its address"]
            case .proxy: return ["a proxy is in between: check http_proxy, https_proxy and no_proxy"]
            case .refused: return ["nothing listens there; is the collector running? OTLP over HTTP has the port 4318"]
            case .closed:
                return [
                    "the connection was closed without an answer"
                        + (isPortOfGRPC
                            ? ": 4317 is the port of OTLP over gRPC; try 4318"
                            : "; does the receiver expect TLS there?")
                ]
            case .other: return []
            }
        case .timedOut: return ["a connection was made, but nothing answers; a firewall, or another kind of server?"]
        case .answerTooLarge, .settings, .cancelled, nil: return []
        }
    }
}

extension OTLPExporter {
    /// Posts a request and waits for the answer, on the calling thread.
    /// - Parameter span: nil for an empty request.
    func probe(_ span: RecordedSpanProbe?, timeout: Duration) -> Explanation {
        let bytes = span?.body(encoding) ?? (encoding == .json ? Array("{\"resourceSpans\":[]}".utf8) : [])
        return Explanation(post(bytes, spanCount: span == nil ? 0 : 1, timeout: timeout), self)
    }
}
