import OTLP

extension OTLPExporter {
    /// The exporter that the environment describes (OTLP exporter specification, "Configuration Options").
    /// - Parameters:
    ///   - environment: takes the warnings.
    ///   - url: given in code or on the command line: used as it is, before any variable.
    /// - Returns: the exporter and where each of its settings comes from.
    package init(_ environment: inout EnvironmentValues, url given: String? = nil, settings: inout [ResolvedSetting]) {
        self.init(url: "")
        url = Self.url(&environment, given: given, &settings)
        readProtocol(&environment, &settings)
        readHeaders(&environment, &settings)
        readFiles(&environment, &settings)
        if let timeout = environment.milliseconds(
            "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
            "OTEL_EXPORTER_OTLP_TIMEOUT"
        ) {
            self.timeout = timeout
        }
        let timeoutText = timeout > .zero ? "\(timeout.wholeMilliseconds) ms for all attempts of a batch" : "no limit"
        settings.append(.init("timeout", timeoutText, source: Self.source(environment, "TIMEOUT")))
    }

    private static let prefix = "OTEL_EXPORTER_OTLP_"

    private static func names(_ option: String) -> [String] {
        ["\(prefix)TRACES_\(option)", "\(prefix)\(option)"]
    }

    private static func source(_ environment: EnvironmentValues, _ option: String) -> String {
        environment.first(of: names(option))?.name ?? "default"
    }

    private static func url(
        _ environment: inout EnvironmentValues,
        given: String?,
        _ settings: inout [ResolvedSetting]
    ) -> String {
        var source = "default"
        var url = "http://localhost:4318/v1/traces"
        let candidates: [(source: String, value: String, isBase: Bool)?] = [
            given.map { ("given", $0, false) },
            environment.text("\(prefix)TRACES_ENDPOINT").map { ("\(prefix)TRACES_ENDPOINT", $0, false) },
            environment.text("\(prefix)ENDPOINT").map { ("\(prefix)ENDPOINT", $0, true) },
        ]
        for case let (name, value, isBase)? in candidates {
            do {
                let parsed = try EndpointURL(value)
                url = (isBase ? parsed.appending("v1/traces") : parsed.asGiven).text
                source = name
                for hint in hints(parsed, isBase: isBase, name) { environment.warn(hint) }
                break
            } catch {
                environment.warn("\(name): '\(printable(url: value))' \(error). Using the default.")
            }
        }
        settings.append(.init("endpoint", printable(url: url), source: source))
        return url
    }

    /// What looks like one of the usual mistakes. It is used all the same.
    private static func hints(_ url: EndpointURL, isBase: Bool, _ name: String) -> [String] {
        var hints: [String] = []
        if url.port == 4317 {
            hints.append("\(name): 4317 is the port of OTLP over gRPC; over HTTP it is 4318 as a rule")
        }
        if isBase, url.path.hasSuffix("/v1/traces") || url.path.hasSuffix("/v1/traces/") {
            hints.append(
                "\(name): /v1/traces is appended to it, which makes /v1/traces/v1/traces; "
                    + "leave it out, or use OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
            )
        } else if url.path.contains("/v1/v1/") {
            hints.append("\(name): its path has /v1 twice")
        }
        if !isBase, url.path.isEmpty || url.path == "/" {
            hints.append("\(name): it is used as it is, without /v1/traces; most receivers want that path")
        }
        return hints
    }

    private mutating func readProtocol(_ environment: inout EnvironmentValues, _ settings: inout [ResolvedSetting]) {
        let protocols: [String: Encoding] = ["http/json": .json, "http/protobuf": .protobuf]
        if let encoding = environment.choice(Self.names("PROTOCOL"), protocols, instead: "http/json") {
            self.encoding = encoding
        }
        settings.append(
            .init(
                "protocol",
                encoding == .json ? "http/json" : "http/protobuf",
                source: Self.source(environment, "PROTOCOL")
            )
        )
        let compressions: [String: Compression] = ["none": .none, "gzip": .gzip()]
        if let compression = environment.choice(Self.names("COMPRESSION"), compressions, instead: "gzip") {
            self.compression = compression
        }
        settings.append(
            .init(
                "compression",
                compression == .none ? "none" : "gzip",
                source: Self.source(environment, "COMPRESSION")
            )
        )
    }

    private mutating func readHeaders(_ environment: inout EnvironmentValues, _ settings: inout [ResolvedSetting]) {
        guard let (name, value) = environment.first(of: Self.names("HEADERS")) else { return }
        let (headers, problems) = HeaderList.parse(value)
        for problem in problems { environment.warn("\(name): \(problem); that pair is left out") }
        self.headers = headers
        settings.append(.init("headers", headers.map(\.name).joined(separator: ", "), source: name))
    }

    private mutating func readFiles(_ environment: inout EnvironmentValues, _ settings: inout [ResolvedSetting]) {
        func path(_ option: String, _ name: String) -> String? {
            guard let (variable, path) = environment.first(of: Self.names(option)) else { return nil }
            if !FileSystem.isReadable(path) {
                environment.warn("\(variable): '\(path)' cannot be read; TLS connections will fail")
            }
            settings.append(.init(name, path, source: variable))
            return path
        }
        certificateFile = path("CERTIFICATE", "CA certificate")
        clientCertificateFile = path("CLIENT_CERTIFICATE", "client certificate")
        clientKeyFile = path("CLIENT_KEY", "client key")
        if (clientCertificateFile == nil) != (clientKeyFile == nil) {
            environment.warn(
                "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY belong together; one is missing"
            )
        }
    }
}
