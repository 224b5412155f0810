import SpanKitHTTP
import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitShipping
import SpanKitSummaries

/// The meaning of a receiver's answer, and what to do about it.
struct Explanation: Sendable, Equatable {
    var isGood = false
    /// The answer in words.
    var finding: String
    /// What to do; empty if the receiver accepted the request and all of its spans.
    var advice: [String]

    init(_ answer: HTTPAnswer, _ exporter: OTLPExporter) {
        let url = try? EndpointURL(exporter.url)
        let verdict = Verdict(answer, unixSeconds: UnixTime.seconds())
        switch verdict {
        case .accepted(let rejected, let message):
            isGood = rejected == 0
            let remark = message.isEmpty ? "" : ": \(message)"
            let refused = Readable.count(rejected, of: "span", "was rejected", "were rejected")
            finding = (isGood ? "accepted (\(answer.status))" : refused) + remark
            advice = isGood ? [] : ["the receiver accepts requests, but rejects their spans; see its log"]
        case .again(_, let reason) where answer.failure != nil:
            finding = reason
            advice = Self.advice(answer.failure, url)
        case .split(let reason, _):
            finding = reason
            advice = ["even this small request exceeds the receiver's size limit; check its configuration"]
        case .refused(.settings, let reason):
            finding = reason
            advice = ["check the certificate and key files, and the URL"]
        case .again(_, let reason), .refused(_, let reason):
            finding = reason
            advice = Self.advice(status: answer.status, url, exporter)
        }
    }

    private static func advice(status: Int, _ url: EndpointURL?, _ exporter: OTLPExporter) -> [String] {
        let advice: String
        switch status {
        case 200..<300:
            advice =
                "the answer is a web page, not an OTLP answer; check the host, port and path of the endpoint, and "
                + "whether a proxy or a login page intercepts the request"
        case 400:
            advice =
                "the receiver does not understand the request; if it supports only protobuf, set "
                + "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"
        case 401, 403:
            advice =
                "the receiver requires credentials; set OTEL_EXPORTER_OTLP_HEADERS, such as Authorization=Bearer%20TOKEN"
        case 404:
            let path = url?.path ?? ""
            let traces = url.map { OTLPExporter.printable(url: $0.appending("v1/traces").text) } ?? ""
            advice =
                path.hasSuffix("/v1/traces")
                ? "the server has no path \(path); is it an OTLP receiver, or does it use another path?"
                : "the server has no path '\(path)'. OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is used unchanged, without "
                    + "/v1/traces; try \(traces)"
        case 405: advice = "the server does not support POST; it is probably not an OTLP receiver"
        case 415:
            let other = exporter.encoding == .json ? "http/protobuf" : "http/json"
            advice = "the receiver does not support this encoding; set OTEL_EXPORTER_OTLP_PROTOCOL=\(other)"
        case 429, 503: advice = "the receiver is temporarily unavailable; spans are kept and sent again"
        case 502, 504: advice = "a proxy answers, but the receiver behind it does not"
        case 300..<400:
            advice = "redirects are not followed, because their target would receive the credentials; use the final URL"
        default: advice = "the receiver has an error; see its log"
        }
        return [advice]
    }

    private static func advice(_ failure: HTTPAnswer.Failure?, _ url: EndpointURL?) -> [String] {
        let gRPC = url?.port == 4317 ? ": 4317 is the port of OTLP over gRPC; try 4318" : nil
        switch failure {
        case .noConnection(let trouble, _):
            switch trouble {
            case .notHTTP:
                return ["the server does not speak HTTP/1.1" + (gRPC ?? "; is this the port of OTLP over gRPC?")]
            case .plainText: return ["the server does not speak TLS; use http:// instead of https://"]
            case .tls:
                return [
                    "the TLS handshake failed. For a private certificate authority, set OTEL_EXPORTER_OTLP_CERTIFICATE; for a "
                        + "client certificate, OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY"
                ]
            case .unknownHost: return ["the host name cannot be resolved; check it, or use an IP address"]
            case .proxy: return ["the proxy failed; check http_proxy, https_proxy and no_proxy"]
            case .refused where url?.socketPath != nil:
                return ["is the collector running, and may this user write to its socket?"]
            case .refused:
                return [
                    "no server accepts connections there; is the collector running? The port of OTLP over HTTP is 4318"
                ]
            case .closed:
                return ["the connection was closed without an answer" + (gRPC ?? "; does the receiver expect TLS?")]
            case .other: return []
            }
        case .timedOut: return ["the server accepted the connection, but did not answer; is it an OTLP receiver?"]
        case .answerTooLarge, .settings, .cancelled, nil: return []
        }
    }
}

extension OTLPExporter {
    /// Sends a request and blocks until the answer.
    /// - Parameter span: The span to send; `nil` for an empty request.
    func probe(_ span: TestSpan?, timeout: Duration) -> Explanation {
        let bytes = span?.body(encoding) ?? (encoding == .json ? Array("{\"resourceSpans\":[]}".utf8) : [])
        return Explanation(post(bytes, spanCount: span == nil ? 0 : 1, timeout: timeout), self)
    }
}

/// A span that tests whether a receiver accepts spans, or what redaction leaves of it.
struct TestSpan: Sendable {
    let span: RecordedSpan
    let resource: Resource
    let scope: InstrumentationScope
    let redaction: Redaction?

    /// The request body with the span.
    func body(_ encoding: Encoding) -> [UInt8] {
        let records = DetachedRecords()
        records.append(span)
        let encoder = Shipper.encoder(BodyFormat(.otlp(encoding)), resource, scope, redaction)
        _ = encoder.encode(records, spanLimit: 1, byteLimit: .max)
        return Array(encoder.bytes)
    }
}
