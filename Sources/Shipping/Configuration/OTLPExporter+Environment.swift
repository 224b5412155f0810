import SpanKitHTTP
import SpanKitOTLP
import SpanKitPlatform

extension OTLPExporter {
    /// Creates the exporter that the environment describes (OTLP exporter specification, "Configuration Options").
    /// - Parameters:
    ///   - environment: receives the warnings and the settings.
    ///   - given: a URL from code or the command line, used as it is. It overrides all variables.
    package init(_ environment: inout EnvironmentValues, _ signal: OTLPSignal = .traces, url given: String? = nil) {
        let protocols = Dictionary(uniqueKeysWithValues: OTLPProtocol.allCases.map { ($0.rawValue, $0) })
        let transport = environment.choice(signal.names("PROTOCOL"), protocols, instead: "http/json") ?? .httpJSON
        self.init(url: signal.defaultURL(transport), protocol: transport)
        readURL(&environment, signal, given)
        func set(_ kind: ResolvedSetting.Kind, _ value: String, _ option: String) {
            environment.set(kind, value, source: environment.first(of: signal.names(option))?.name ?? "default")
        }
        set(.protocol, self.protocol.rawValue, "PROTOCOL")
        if let problem = self.protocol.problem() {
            environment.warn("\(environment.first(of: signal.names("PROTOCOL"))?.name ?? "the protocol"): \(problem)")
        }
        let compressions: [String: Compression] = ["none": .none, "gzip": .gzip()]
        compression = environment.choice(signal.names("COMPRESSION"), compressions, instead: "gzip") ?? compression
        set(.compression, compression.name, "COMPRESSION")
        if let (name, value) = environment.first(of: signal.names("HEADERS")) {
            let (parsed, problems) = HeaderList.parse(value)
            for problem in problems { environment.warn("\(name): \(problem); that pair is left out") }
            headers = parsed
            for field in removeHeadersWithoutGRPC() {
                environment.warn(
                    "\(name): gRPC does not allow the name or the value of \(field), or sets it itself; it is left out"
                )
            }
            set(.headers, headers.map(\.name).joined(separator: ", "), "HEADERS")
        }
        readFiles(&environment, signal)
        let names = signal.names("TIMEOUT")
        timeout = environment.milliseconds(names[0], names[1]) ?? timeout
        set(.timeout, Self.printable(timeout: timeout), "TIMEOUT")
    }

    /// A time limit as text; zero means no limit.
    package static func printable(timeout: Duration) -> String {
        timeout > .zero ? "\(timeout.wholeMilliseconds) ms for all attempts of a batch" : "no limit"
    }

    /// Sets the URL (OTLP exporter specification, "Endpoint URLs for OTLP/HTTP" and "Configuration Options").
    private mutating func readURL(_ environment: inout EnvironmentValues, _ signal: OTLPSignal, _ given: String?) {
        var source = "default"
        let names = signal.names("ENDPOINT")
        let isGRPC = self.protocol == .grpc
        // The variable is read even if the URL does not need it, so that a bad value is reported.
        let isInsecure =
            isGRPC
            && signal.names("INSECURE").first { environment.text($0) != nil }.map { environment.isTrue($0) } ?? false
        let candidates: [(source: String, value: String?, isBase: Bool)] = [
            ("given", given, false), (names[0], environment.text(names[0]), false),
            (names[1], environment.text(names[1]), true),
        ]
        for case let (name, value?, isBase) in candidates {
            do {
                let parsed = isGRPC ? try EndpointURL(grpc: value, isInsecure: isInsecure) : try EndpointURL(value)
                source = name
                if isGRPC {
                    url = parsed.origin
                    for hint in Self.hintsForGRPC(parsed, name, signal, isGiven: given != nil) {
                        environment.warn(hint)
                    }
                    break
                }
                url = (isBase ? parsed.appending(signal.path) : parsed.asGiven(signal.path)).text
                for hint in Self.hints(parsed, isBase: isBase, name, signal) { environment.warn(hint) }
                break
            } catch {
                environment.warn("\(name): '\(OTLPExporter.printable(url: value))' \(error); using the default")
            }
        }
        environment.set(.endpoint, OTLPExporter.printable(url: url), source: source)
    }

    /// Common mistakes that the URL may contain. It is used anyway.
    private static func hints(_ url: EndpointURL, isBase: Bool, _ name: String, _ signal: OTLPSignal) -> [String] {
        var hints: [String] = []
        let path = signal.path
        guard url.socketPath == nil else { return [] }
        if url.port == 4317 {
            hints.append(
                "\(name): 4317 is the port of OTLP over gRPC; set OTEL_EXPORTER_OTLP_PROTOCOL=grpc, "
                    + "or use the port of OTLP over HTTP, which is usually 4318"
            )
        }
        if isBase, url.path.hasSuffix("/\(path)") || url.path.hasSuffix("/\(path)/") {
            hints.append(
                "\(name): /\(path) is appended to this URL, which makes /\(path)/\(path); remove /\(path) from the URL, or set "
                    + signal.names("ENDPOINT")[0]
            )
        } else if url.path.contains("/v1/v1/") {
            hints.append("\(name): the URL contains /v1/v1; remove one /v1")
        }
        if !isBase, url.path.isEmpty || url.path == "/" {
            hints.append("\(name): the URL is used unchanged; most receivers require the path /\(path), so append it")
        }
        return hints
    }

    private static func hintsForGRPC(_ url: EndpointURL, _ name: String, _ signal: OTLPSignal, isGiven: Bool)
        -> [String]
    {
        var hints: [String] = []
        guard url.socketPath == nil || !url.path.isEmpty else { return [] }
        if url.socketPath == nil, url.port == 4318 {
            hints.append(
                "\(name): 4318 is the port of OTLP over HTTP; use the port of OTLP over gRPC, which is usually 4317"
            )
        }
        // The command line appends the path of HTTP to a URL without a path.
        if !["", "/"].contains(url.path), !(isGiven && url.path == "/\(signal.path)") {
            hints.append(
                "\(name): the path '\(url.path)' is ignored, because gRPC has its own paths; remove it from the URL"
            )
        }
        return hints
    }

    /// The same receiver for log records: the path of traces replaced by that of logs; nil if the URL has another path.
    package var forLogs: OTLPExporter? {
        // gRPC has a path for each signal anyway.
        if self.protocol == .grpc { return self }
        guard var url = try? EndpointURL(url), url.path.hasSuffix("/\(OTLPSignal.traces.path)") else { return nil }
        url.path = String(url.path.dropLast(OTLPSignal.traces.path.count)) + OTLPSignal.logs.path
        var exporter = self
        exporter.url = url.text
        return exporter
    }

    private mutating func readFiles(_ environment: inout EnvironmentValues, _ signal: OTLPSignal) {
        func path(_ option: String, _ kind: ResolvedSetting.Kind) -> String? {
            guard let (variable, path) = environment.first(of: signal.names(option)) else { return nil }
            if !FileSystem.isReadable(path) {
                environment.warn(
                    "\(variable): '\(path)' cannot be read, so TLS connections will fail; check the path and the file's permissions"
                )
            }
            environment.set(kind, path, source: variable)
            return path
        }
        certificateFile = path("CERTIFICATE", .certificate)
        clientCertificateFile = path("CLIENT_CERTIFICATE", .clientCertificate)
        clientKeyFile = path("CLIENT_KEY", .clientKey)
        if (clientCertificateFile == nil) != (clientKeyFile == nil) {
            environment.warn(
                "only one of OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY is set; set both or neither"
            )
        }
    }
}

extension EnvironmentValues {
    /// Whether a variable is set that is about the export of log records only.
    package var hasLogsDestination: Bool {
        let prefix = OTLPSignal.logs.names("")[0]
        return all.contains { $0.key.hasPrefix(prefix) && !$0.value.isEmpty }
    }
}
