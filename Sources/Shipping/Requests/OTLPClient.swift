import SpanKitHTTP
import SpanKitOTLP
import SpanKitPlatform

/// Posts bodies to the receiver of an exporter. Like ``HTTPClient``, it is used by the thread that polls it; other threads may only
/// call ``wake()``.
///
/// Several can share one ``HTTPClient`` (``ReceiverConnections``). Each then has tokens of its own there: its own token plus the start
/// of ``tokens``.
final class OTLPClient: @unchecked Sendable {
    /// The outcome of a request.
    enum Reply {
        case verdict(Verdict, mayHaveArrived: Bool)
        /// The body has to be posted again at once, because the receiver wants another protocol.
        case resend
    }

    private let client: HTTPClient
    /// The tokens of its requests in ``client``.
    private let tokens: Range<Int>
    private let exporter: OTLPExporter
    private let signal: OTLPSignal
    private let target: Target
    private let fields: [Kind: [(name: String, value: String)]]
    private let headers: [Kind: HTTPHeaders]
    private let metadata: [(name: String, value: String)]
    private let note: (String) -> Void
    private var choice: ProtocolChoice
    /// The protocols of the requests in flight, by token.
    private var used: [Int: OTLPProtocol] = [:]
    private var compressor: GzipCompressor?
    private var leftOutWasNoted = false
    private let credentials: LiveCredentials?
    private let tlsFiles: TLSFiles?

    /// Bodies with the same header fields over HTTP.
    private struct Kind: Hashable {
        var encoding: Encoding
        var isCompressed: Bool
    }

    /// The receiver.
    private struct Target {
        /// The URL over HTTP, and the URL over gRPC without its path, for curl.
        var url: String
        var origin: String
        var socketPath: String?
        var path = ""
        /// Why the URL cannot be used for gRPC.
        var problem: String?

        init(_ given: String) {
            (url, origin) = (given, given)
            do {
                let endpoint = try EndpointURL(given)
                socketPath = endpoint.socketPath
                path = endpoint.path
                origin = socketPath == nil ? endpoint.origin : "http://localhost"
                if socketPath != nil { url = "\(origin)\(endpoint.path)\(endpoint.query)" }
            } catch {
                problem = "the URL '\(OTLPExporter.printable(url: given))' \(error)"
            }
        }
    }

    /// Creates a client; nil if libcurl cannot be initialised.
    /// - Parameters:
    ///   - connections: The connections to share; nil if the client has its own.
    ///   - note: Receives a line for the log, such as the protocol that the receiver accepts. Called by the thread that polls.
    init?(
        _ exporter: OTLPExporter,
        _ signal: OTLPSignal,
        sharing connections: ReceiverConnections? = nil,
        note: @escaping (String) -> Void = { _ in }
    ) {
        guard let client = connections?.client ?? HTTPClient(connections: exporter.parallelRequests) else { return nil }
        let number = connections?.nextMemberNumber() ?? 0
        tokens = number << 40..<(number + 1) << 40
        var exporter = exporter
        for name in exporter.removeHeadersWithoutGRPC() {
            note("gRPC does not allow the header \(name) or its value, or sets it itself; it is left out")
        }
        self.client = client
        self.exporter = exporter
        self.signal = signal
        self.note = note
        target = Target(exporter.url)
        if exporter.protocol == .grpc, !["", "/"].contains(target.path) {
            note("the path '\(target.path)' of the URL is ignored, because gRPC has its own paths")
        }
        choice = ProtocolChoice(exporter.protocol)
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
        metadata = exporter.headers.compactMap { GRPCMetadata.field($0) }
    }

    /// Starts a request.
    /// - Parameters:
    ///   - token: identifies the reply.
    ///   - timeout: the limit for this attempt; nil for no limit.
    /// - Returns: a reply if the request cannot be sent with these settings; nil if it is in flight.
    func post(_ body: Body, token: Int, timeout: Duration?) -> Reply? {
        guard let encoding = body.encoding else {
            return .verdict(.refused(.settings, reason: "console text cannot be posted"), mayHaveArrived: false)
        }
        let isGRPC = choice.current == .grpc
        let transport = isGRPC || choice.isAdapted ? choice.current : OTLPProtocol(encoding)
        guard let body = converted(body, to: transport.encoding) else {
            let reason = "a body in the encoding \(encoding == .json ? "JSON" : "protobuf") could not be converted"
            return .verdict(.refused(.file, reason: reason), mayHaveArrived: false)
        }
        if let problem = start(body, transport, token: token, timeout: timeout) {
            return .verdict(Verdict(problem, unixSeconds: UnixTime.seconds()), mayHaveArrived: false)
        }
        used[token] = transport
        return nil
    }

    /// Continues all requests, and waits at most `duration` for one of them to end.
    func poll(for duration: Duration) -> [(token: Int, reply: Reply)] {
        client.poll(for: duration).map { read($1, token: $0) }
    }

    /// Whether a token of the shared ``HTTPClient`` belongs to a request of this client.
    func owns(_ token: Int) -> Bool { tokens.contains(token) }

    /// Whether requests are in flight.
    var hasRequests: Bool { !used.isEmpty }

    /// Reads an answer of the shared ``HTTPClient``.
    /// - Parameter token: its token there.
    /// - Returns: the token of the request and its reply.
    func read(_ answer: HTTPAnswer, token: Int) -> (token: Int, reply: Reply) {
        let token = token - tokens.lowerBound
        let read = tlsFiles?.read(answer) ?? answer
        return (token, reply(to: token, credentials?.read(read, token: token) ?? read))
    }

    func wake() { client.wake() }

    func cancelAll() -> Set<Int> {
        used = [:]
        return Set(client.cancelAll(tokens).map { $0 - tokens.lowerBound })
    }

    private func reply(to token: Int, _ answer: HTTPAnswer) -> Reply {
        let used = used.removeValue(forKey: token) ?? choice.current
        switch choice.read(answer, used) {
        case .resend: return .resend
        case .settled:
            let other = choice.current.rawValue
            note(
                "the receiver does not accept \(choice.configured.rawValue), so \(other) is used from now on; "
                    + "set OTEL_EXPORTER_OTLP_PROTOCOL=\(other) to avoid the conversion"
            )
        case .none: break
        }
        // Over gRPC, a cut connection can look like an answer without a status.
        let isAnswered =
            used == .grpc
            ? Verdict.status(of: answer) != nil || ![0, 200].contains(answer.status) : answer.status != 0
        let verdict = Verdict(answer, used, unixSeconds: UnixTime.seconds())
        return .verdict(verdict, mayHaveArrived: !isAnswered && answer.sentBytes > 0)
    }

    /// The header fields with the credentials; nil if there are no valid ones.
    private func own(_ fields: [(name: String, value: String)], _ token: Int, _ timeout: Duration?)
        -> [(name: String, value: String)]?
    {
        guard let credentials else { return fields }
        return credentials.headers(with: fields, token: token, timeout: timeout)
    }

    private func start(_ body: Body, _ transport: OTLPProtocol, token: Int, timeout: Duration?) -> HTTPAnswer? {
        var request: HTTPRequest
        if transport == .grpc {
            if let problem = transport.problem() ?? target.problem { return HTTPAnswer(failure: .settings(problem)) }
            guard let metadata = own(metadata, token, timeout) else { return credentials?.missing }
            request = grpcRequest(body, metadata.map { ($0.name.lowercased(), $0.value) }, timeout)
        } else {
            let kind = Kind(encoding: transport.encoding, isCompressed: body.isCompressed)
            var headers = headers[kind]
            if credentials != nil {
                guard let own = own(fields[kind] ?? [], token, timeout) else { return credentials?.missing }
                headers = HTTPHeaders(own)
            }
            guard let headers else { return HTTPAnswer(failure: .settings("console text cannot be posted")) }
            request = HTTPRequest(url: target.url, headers: headers, body: body.bytes)
            request.timeout = timeout
        }
        request.socketPath = target.socketPath
        request.userAgent = exporter.userAgent
        request.maximumResponseBytes = exporter.maximumResponseBytes
        request.maximumConnectionAge = tlsFiles?.maximumConnectionAge()
        request.tls.certificateFile = exporter.certificateFile
        request.tls.clientCertificateFile = exporter.clientCertificateFile
        request.tls.clientKeyFile = exporter.clientKeyFile
        return client.start(request, token: tokens.lowerBound + token)
    }

    private func grpcRequest(
        _ body: Body,
        _ metadata: [(name: String, value: String)],
        _ timeout: Duration?
    ) -> HTTPRequest {
        var fields = metadata + [("content-type", "application/grpc"), ("te", "trailers")]
        if body.isCompressed { fields.append(("grpc-encoding", "gzip")) }
        fields.append(("grpc-accept-encoding", "gzip,identity"))
        if let timeout { fields.append(("grpc-timeout", GRPCMetadata.timeout(timeout))) }
        var request = HTTPRequest(
            url: target.origin + signal.servicePath,
            headers: HTTPHeaders(fields, without: ["Accept"]),
            body: GRPCFrame.framed(body.bytes, isCompressed: body.isCompressed)
        )
        request.version = .http2
        request.acceptsGzip = false
        // A little longer, so that the receiver's own status for the timeout can arrive.
        request.timeout = timeout.map { $0 + .milliseconds(100) }
        return request
    }

    /// A body in another encoding, compressed if it was; nil if it cannot be converted.
    private func converted(_ body: Body, to encoding: Encoding) -> Body? {
        guard body.encoding != encoding else { return body }
        guard let plain = body.plainBytes(), let type = MessageType.request(ofSignal: signal.rawValue),
            let (bytes, leftOut) = Transcoder.convert(plain, type, to: encoding)
        else { return nil }
        if leftOut > 0, !leftOutWasNoted {
            leftOutWasNoted = true
            note(
                "\(leftOut == 1 ? "1 unknown field was" : "\(leftOut) unknown fields were") left out, because their types are not "
                    + "known and \(encoding == .json ? "JSON" : "protobuf") needs them; further ones are not reported"
            )
        }
        if body.isCompressed, compressor == nil {
            compressor = GzipCompressor(level: exporter.compression.level ?? 1)
        }
        return bytes.withUnsafeBytes {
            Body(
                encoding: encoding,
                signal,
                plain: $0,
                spanCount: body.spanCount,
                compressor: body.isCompressed ? compressor : nil
            )
        }
    }

    /// Posts a body and waits for the answer, which is not interpreted.
    func answer(to body: Body, timeout: Duration) -> HTTPAnswer {
        if let problem = start(body, exporter.protocol, token: 1, timeout: timeout) { return problem }
        // A second more, for curl to report that the time is over.
        let deadline = ContinuousClock.now.advanced(by: timeout + .seconds(1))
        while ContinuousClock.now < deadline {
            if let answer = client.poll(for: ContinuousClock.now.duration(to: deadline)).first?.answer { return answer }
        }
        return HTTPAnswer(failure: .timedOut)
    }
}

extension OTLPExporter {
    /// Posts a single request and waits for the answer. Blocks the calling thread.
    package func post(_ bytes: [UInt8], _ signal: OTLPSignal, spanCount: Int, timeout: Duration) -> HTTPAnswer {
        guard let client = OTLPClient(self, signal) else {
            return HTTPAnswer(failure: .settings("libcurl cannot be initialized"))
        }
        let body = Body(bytes, encoding, isCompressed: false, spanCount: spanCount)
        return client.answer(to: body, timeout: timeout)
    }

    /// Removes the header fields that gRPC does not allow.
    /// - Returns: their names.
    package mutating func removeHeadersWithoutGRPC() -> [String] {
        guard self.protocol == .grpc else { return [] }
        let names = headers.filter { GRPCMetadata.field($0) == nil }.map(\.name)
        headers.removeAll { names.contains($0.name) }
        return names
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
