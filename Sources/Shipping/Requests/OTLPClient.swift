import SpanKitHTTP
import SpanKitOTLP

/// Posts bodies to a receiver as the exporter is configured; as an ``HTTPClient`` it belongs to the thread that polls it.
final class OTLPClient: Sendable {
    private let client: HTTPClient
    private let exporter: OTLPExporter
    private let userAgent: String
    private let headers: [Kind: HTTPHeaders]

    /// Bodies that need the same header fields.
    private struct Kind: Hashable {
        var encoding: Encoding
        var isCompressed: Bool
    }

    /// Nil when libcurl cannot be initialised.
    init?(_ exporter: OTLPExporter) {
        guard let client = HTTPClient(connections: exporter.parallelRequests) else { return nil }
        self.client = client
        self.exporter = exporter
        userAgent = UserAgent.text(product: exporter.userAgentProduct)
        let reserved: Set = [
            "content-type", "content-encoding", "content-length", "host", "transfer-encoding", "expect",
        ]
        // The user's fields come first, then those that the protocol demands, which no setting can change.
        let own = exporter.headers.filter { !reserved.contains($0.name.lowercased()) }.map { ($0.name, $0.value) }
        var headers: [Kind: HTTPHeaders] = [:]
        for encoding in Encoding.allCases {
            let plain = own + [("Content-Type", encoding.contentType)]
            headers[Kind(encoding: encoding, isCompressed: false)] = HTTPHeaders(plain)
            headers[Kind(encoding: encoding, isCompressed: true)] = HTTPHeaders(plain + [("Content-Encoding", "gzip")])
        }
        self.headers = headers
    }

    /// Starts to post a body.
    /// - Parameters:
    ///   - token: comes back with the answer.
    ///   - timeout: for this attempt; nil for no limit.
    /// - Returns: what is wrong with the settings, nil when the request is under way.
    func post(_ body: Body, token: Int, timeout: Duration?) -> HTTPAnswer? {
        guard let encoding = body.encoding,
            let headers = headers[Kind(encoding: encoding, isCompressed: body.isCompressed)]
        else { return HTTPAnswer(failure: .settings("text for people is not posted")) }
        var request = HTTPRequest(url: exporter.url, headers: headers, body: body.bytes)
        request.userAgent = userAgent
        request.timeout = timeout
        request.maximumResponseBytes = exporter.maximumResponseBytes
        request.tls.certificateFile = exporter.certificateFile
        request.tls.clientCertificateFile = exporter.clientCertificateFile
        request.tls.clientKeyFile = exporter.clientKeyFile
        return client.start(request, token: token)
    }

    func poll(for duration: Duration) -> [(token: Int, answer: HTTPAnswer)] { client.poll(for: duration) }

    func wake() { client.wake() }

    func cancelAll() -> Set<Int> { client.cancelAll() }
}
