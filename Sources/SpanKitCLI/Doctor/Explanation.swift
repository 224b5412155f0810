import SpanKitHTTP
import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitShipping
import SpanKitSummaries

extension OTLPSignal {
    /// The variable with the full URL.
    var endpointVariable: String { "OTEL_EXPORTER_OTLP_\(rawValue.uppercased())_ENDPOINT" }
    /// A request without content as JSON.
    var emptyRequest: String {
        switch self {
        case .traces: "{\"resourceSpans\":[]}"
        case .metrics: "{\"resourceMetrics\":[]}"
        case .logs: "{\"resourceLogs\":[]}"
        }
    }
}

/// The meaning of a receiver's answer, and what to do about it.
struct Explanation: Sendable, Equatable {
    var isGood = false
    /// The answer in words.
    var finding: String
    /// What to do; empty if the receiver accepted the request and all of its spans.
    var advice: [String]

    init(_ answer: HTTPAnswer, _ exporter: OTLPExporter, _ signal: OTLPSignal = .traces) {
        let url = try? EndpointURL(exporter.url)
        let isGRPC = exporter.protocol == .grpc
        let verdict = Verdict(answer, exporter.protocol, unixSeconds: UnixTime.seconds())
        switch verdict {
        case .accepted(let rejected, let message):
            isGood = rejected == 0
            let remark = message.isEmpty ? "" : ": \(message)"
            let refused = Readable.count(rejected, of: signal.noun, "was rejected", "were rejected")
            finding = (isGood ? "accepted (\(isGRPC ? "gRPC status 0" : "\(answer.status)"))" : refused) + remark
            advice = isGood ? [] : ["the receiver accepts requests, but rejects their \(signal.noun)s; see its log"]
        case .again(_, let reason) where answer.failure != nil:
            finding = reason
            advice = Self.advice(answer.failure, url, isGRPC: isGRPC)
        case .split(let reason, _):
            finding = reason
            advice = ["even this small request exceeds the receiver's size limit; check its configuration"]
        case .refused(.settings, let reason):
            finding = reason
            advice = exporter.protocol.problem() == nil ? ["check the certificate and key files, and the URL"] : []
        case .again(_, let reason), .refused(_, let reason):
            finding = reason
            if let status = GRPCStatus(answer.grpcFields) {
                advice = Self.advice(grpcStatus: status.code, signal)
            } else {
                advice = Self.advice(status: answer.status, url, exporter, signal)
            }
        }
    }

    private static func advice(grpcStatus code: Int, _ signal: OTLPSignal) -> [String] {
        let advice: String
        switch code {
        case 3, 13: advice = "the receiver does not understand the request; see its log"
        case 7, 16: advice = credentials
        case 8: advice = "the receiver is overloaded, or the request exceeds its limits; see its log"
        case 12:
            advice =
                signal == .traces
                ? "the server speaks gRPC, but has no service for traces; is it an OTLP receiver?"
                : "the server has no service for \(signal.rawValue); \(elsewhere(signal))"
        case 1, 4, 10, 11, 14, 15:
            advice = "the receiver is temporarily unavailable; \(signal.noun)s are kept and sent again"
        default: advice = "the receiver has an error; see its log"
        }
        return [advice]
    }

    private static let credentials =
        "the receiver requires credentials; set OTEL_EXPORTER_OTLP_HEADERS, such as Authorization=Bearer%20TOKEN"

    /// What to do with a signal that a receiver of traces may not accept.
    private static func elsewhere(_ signal: OTLPSignal) -> String {
        "some receivers accept only traces: send \(signal.rawValue) to another one (\(signal.endpointVariable)), or none "
            + "(OTEL_\(signal.rawValue.uppercased())_EXPORTER=none)"
    }

    private static func advice(
        status: Int,
        _ url: EndpointURL?,
        _ exporter: OTLPExporter,
        _ signal: OTLPSignal
    ) -> [String] {
        let advice: String
        switch status {
        case 200 where exporter.protocol == .grpc, 404 where exporter.protocol == .grpc,
            405 where exporter.protocol == .grpc, 415 where exporter.protocol == .grpc:
            advice =
                "the server speaks HTTP/2, but not gRPC; check the host and port of the endpoint, or set "
                + "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"
        case 200..<300:
            advice =
                "the answer is a web page, not an OTLP answer; check the host, port and path of the endpoint, and "
                + "whether a proxy or a login page intercepts the request"
        case 400:
            advice =
                "the receiver does not understand the request; if it supports only protobuf, set "
                + "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"
        case 401, 403: advice = credentials
        case 404:
            let path = url?.path ?? ""
            let full = url.map { OTLPExporter.printable(url: $0.appending(signal.path).text) } ?? ""
            let question =
                signal == .traces
                ? "is it an OTLP receiver, or does it use another path?" : elsewhere(signal)
            advice =
                path.hasSuffix("/\(signal.path)")
                ? "the server has no path \(path); \(question)"
                : "the server has no path '\(path)'. \(signal.endpointVariable) is used unchanged, without "
                    + "/\(signal.path); try \(full)"
        case 405: advice = "the server does not support POST; it is probably not an OTLP receiver"
        case 415:
            let other = exporter.encoding == .json ? "http/protobuf" : "http/json"
            advice = "the receiver does not support this encoding; set OTEL_EXPORTER_OTLP_PROTOCOL=\(other)"
        case 429, 503: advice = "the receiver is temporarily unavailable; \(signal.noun)s are kept and sent again"
        case 502, 504: advice = "a proxy answers, but the receiver behind it does not"
        case 300..<400:
            advice = "redirects are not followed, because their target would receive the credentials; use the final URL"
        default: advice = "the receiver has an error; see its log"
        }
        return [advice]
    }

    private static func advice(_ failure: HTTPAnswer.Failure?, _ url: EndpointURL?, isGRPC: Bool) -> [String] {
        switch failure {
        case .noConnection(let trouble, _):
            switch trouble {
            case .notHTTP, .streamReset:
                return ["the server does not speak HTTP/\(isGRPC ? "2" : "1.1"); is it an OTLP receiver?"]
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
                let port = isGRPC ? "gRPC is 4317" : "HTTP is 4318"
                return ["no server accepts connections there; is the collector running? The port of OTLP over \(port)"]
            case .closed: return ["the connection was closed without an answer; does the receiver expect TLS?"]
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
    func probe(_ span: TestSpan?, _ signal: OTLPSignal = .traces, timeout: Duration) -> Explanation {
        let bytes = span?.body(encoding) ?? emptyRequest(signal)
        let answer = post(bytes, signal, spanCount: span == nil ? 0 : 1, timeout: timeout)
        var explanation = Explanation(answer, self, signal)
        let other = expectsTLS(answer, timeout: timeout) ? Self.useTLS : nil
        if let other = other ?? otherProtocol(answer.failure, signal, timeout: timeout) { explanation.advice = [other] }
        return explanation
    }

    private static let useTLS = "the server expects TLS; use https:// instead of http://"

    /// Whether a server that did not understand a request without TLS answers one with TLS. Servers close the connection, or answer with
    /// status 400 over HTTP/1.1.
    private func expectsTLS(_ answer: HTTPAnswer, timeout: Duration) -> Bool {
        let isSign =
            switch answer.failure {
            case .noConnection(let trouble, _): [.notHTTP, .closed, .streamReset, .other].contains(trouble)
            case nil: answer.status == 400
            case .timedOut, .answerTooLarge, .settings, .cancelled: false
            }
        guard isSign, let endpoint = try? EndpointURL(url), endpoint.scheme == "http" else { return false }
        var secure = self
        secure.url = "https" + url.dropFirst("http".count)
        let other = secure.post([], .traces, spanCount: 0, timeout: min(timeout, .seconds(3)))
        switch other.failure {
        case nil: return other.status != 0
        // The server has shown its certificate, which is not trusted.
        case .noConnection(.tls, let text): return text.contains("certificate")
        default: return !other.grpcFields.isEmpty
        }
    }

    private func emptyRequest(_ signal: OTLPSignal) -> [UInt8] {
        encoding == .json ? Array(signal.emptyRequest.utf8) : []
    }

    /// What to do if the receiver speaks the other protocol, gRPC or HTTP/1.1; nil if it does not, or could not be asked.
    private func otherProtocol(
        _ failure: HTTPAnswer.Failure?,
        _ signal: OTLPSignal,
        timeout: Duration
    ) -> String? {
        guard case .noConnection(let trouble, _) = failure,
            [.notHTTP, .closed, .streamReset, .other].contains(trouble), let endpoint = try? EndpointURL(url)
        else { return nil }
        var other = self
        let isGRPC = self.protocol == .grpc
        other.protocol = isGRPC ? .httpProtobuf : .grpc
        other.url = isGRPC ? endpoint.asGiven(signal.path).text : endpoint.origin
        let answer = other.post([], signal, spanCount: 0, timeout: min(timeout, .seconds(3)))
        if isGRPC {
            guard answer.status != 0 else { return nil }
            return "this port speaks HTTP/1.1; set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf, "
                + "or use the port of OTLP over gRPC, which is usually 4317"
        }
        guard GRPCStatus(answer.grpcFields) != nil else { return nil }
        return "this port speaks gRPC, which SpanKit uses only after a request over HTTP has failed; "
            + "set OTEL_EXPORTER_OTLP_PROTOCOL=grpc, or use the port of OTLP over HTTP, which is usually 4318"
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
