import SpanKitHTTP
import SpanKitOTLP
import SpanKitPlatform

/// Posts bodies to the receiver of an exporter. Like ``HTTPClient``, it is used by the thread that polls it.
final class OTLPClient: Sendable {
    private let client: HTTPClient
    private let exporter: OTLPExporter
    /// The URL for curl, and the Unix domain socket to connect to.
    private let url: String
    private let socketPath: String?
    private let userAgent: String
    private let fields: [Kind: [(name: String, value: String)]]
    private let headers: [Kind: HTTPHeaders]
    private let credentials: LiveCredentials?
    private let tlsFiles: TLSFiles?

    /// Bodies with the same header fields.
    private struct Kind: Hashable {
        var encoding: Encoding
        var isCompressed: Bool
    }

    /// Creates a client; nil if libcurl cannot be initialised.
    init?(_ exporter: OTLPExporter) {
        guard let client = HTTPClient(connections: exporter.parallelRequests) else { return nil }
        self.client = client
        self.exporter = exporter
        let endpoint = try? EndpointURL(exporter.url)
        socketPath = endpoint?.socketPath
        url = endpoint.flatMap { $0.socketPath == nil ? nil : "http://localhost\($0.path)\($0.query)" } ?? exporter.url
        userAgent = exporter.userAgent
        credentials = exporter.credentials.map { LiveCredentials($0) }
        tlsFiles = TLSFiles(exporter)
        // The user's fields, then those that the protocol requires, which no setting can change.
        let own = exporter.headers.filter { !$0.isReserved }.map { ($0.name, $0.value) }
        var fields: [Kind: [(name: String, value: String)]] = [:]
        for encoding in Encoding.allCases {
            let plain = own + [("Content-Type", encoding.contentType)]
            fields[Kind(encoding: encoding, isCompressed: false)] = plain
            fields[Kind(encoding: encoding, isCompressed: true)] = plain + [("Content-Encoding", "gzip")]
        }
        self.fields = fields
        headers = fields.mapValues { HTTPHeaders($0) }
    }

    /// Starts a request.
    /// - Parameters:
    ///   - token: identifies the answer.
    ///   - timeout: the limit for this attempt; nil for no limit.
    /// - Returns: an answer if the request cannot be sent with these settings; nil if it is in flight.
    func post(_ body: Body, token: Int, timeout: Duration?) -> HTTPAnswer? {
        guard let encoding = body.encoding,
            var headers = headers[Kind(encoding: encoding, isCompressed: body.isCompressed)]
        else { return HTTPAnswer(failure: .settings("console text cannot be posted")) }
        if let credentials {
            let fields = fields[Kind(encoding: encoding, isCompressed: body.isCompressed)] ?? []
            guard let own = credentials.headers(with: fields, token: token, timeout: timeout) else {
                return credentials.missing
            }
            headers = HTTPHeaders(own)
        }
        var request = HTTPRequest(url: url, headers: headers, body: body.bytes)
        request.socketPath = socketPath
        request.userAgent = userAgent
        request.timeout = timeout
        request.maximumResponseBytes = exporter.maximumResponseBytes
        request.maximumConnectionAge = tlsFiles?.maximumConnectionAge()
        request.tls.certificateFile = exporter.certificateFile
        request.tls.clientCertificateFile = exporter.clientCertificateFile
        request.tls.clientKeyFile = exporter.clientKeyFile
        return client.start(request, token: token)
    }

    func poll(for duration: Duration) -> [(token: Int, answer: HTTPAnswer)] {
        client.poll(for: duration).map { token, answer in
            let read = tlsFiles?.read(answer) ?? answer
            return (token, credentials?.read(read, token: token) ?? read)
        }
    }

    func wake() { client.wake() }

    func cancelAll() -> Set<Int> { client.cancelAll() }

    /// Posts a body and waits for the answer.
    /// - Parameter grace: how much longer than the timeout to wait for curl to report it.
    func answer(to body: Body, timeout: Duration, grace: Duration = .zero) -> HTTPAnswer {
        if let problem = post(body, token: 1, timeout: timeout) { return problem }
        let deadline = ContinuousClock.now.advanced(by: timeout + grace)
        while ContinuousClock.now < deadline {
            if let answer = client.poll(for: ContinuousClock.now.duration(to: deadline)).first?.answer { return answer }
        }
        return HTTPAnswer(failure: .timedOut)
    }
}

extension OTLPExporter {
    /// Posts a single request and waits for the answer. Blocks the calling thread.
    package func post(_ bytes: [UInt8], spanCount: Int, timeout: Duration) -> HTTPAnswer {
        guard let client = OTLPClient(self) else {
            return HTTPAnswer(failure: .settings("libcurl cannot be initialized"))
        }
        let body = Body(bytes, encoding, isCompressed: false, spanCount: spanCount)
        return client.answer(to: body, timeout: timeout, grace: .seconds(1))
    }

    /// The `User-Agent` of requests (OTLP exporter specification, "User Agent").
    var userAgent: String {
        let own = "OTel-OTLP-Exporter-Swift/\(Release.version) SpanKit/\(Release.version)"
        guard let product = userAgentProduct, !product.isEmpty,
            product.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { return own }
        return "\(product) \(own)"
    }
}
