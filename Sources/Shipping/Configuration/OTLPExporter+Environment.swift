import SpanKitHTTP
import SpanKitOTLP
import SpanKitPlatform

extension OTLPExporter {
    /// The exporter that the environment describes (OTLP exporter specification, "Configuration Options").
    /// - Parameters:
    ///   - environment: takes the warnings.
    ///   - url: given in code or on the command line: used as it is, before any variable.
    /// - Returns: the exporter and where each of its settings comes from.
    package init(
        _ environment: inout EnvironmentValues,
        _ signal: OTLPSignal = .traces,
        url given: String? = nil,
        settings: inout [ResolvedSetting]
    ) {
        self.init(url: "")
        url = signal.url(&environment, given: given, &settings)
        readProtocol(&environment, signal, &settings)
        readHeaders(&environment, signal, &settings)
        readFiles(&environment, signal, &settings)
        let names = signal.names("TIMEOUT")
        if let timeout = environment.milliseconds(names[0], names[1]) { self.timeout = timeout }
        let source = signal.source(environment, "TIMEOUT")
        settings.append(.init("timeout", Self.printable(timeout: timeout), source: source))
    }

    /// A timeout in words; zero is none.
    package static func printable(timeout: Duration) -> String {
        timeout > .zero ? "\(timeout.wholeMilliseconds) ms for all attempts of a batch" : "no limit"
    }

    private mutating func readProtocol(
        _ environment: inout EnvironmentValues,
        _ signal: OTLPSignal,
        _ settings: inout [ResolvedSetting]
    ) {
        let protocols: [String: Encoding] = ["http/json": .json, "http/protobuf": .protobuf]
        if let encoding = environment.choice(signal.names("PROTOCOL"), protocols, instead: "http/json") {
            self.encoding = encoding
        }
        settings.append(
            .init(
                "protocol",
                encoding == .json ? "http/json" : "http/protobuf",
                source: signal.source(environment, "PROTOCOL")
            )
        )
        let compressions: [String: Compression] = ["none": .none, "gzip": .gzip()]
        if let compression = environment.choice(signal.names("COMPRESSION"), compressions, instead: "gzip") {
            self.compression = compression
        }
        settings.append(
            .init(
                "compression",
                compression == .none ? "none" : "gzip",
                source: signal.source(environment, "COMPRESSION")
            )
        )
    }

    private mutating func readHeaders(
        _ environment: inout EnvironmentValues,
        _ signal: OTLPSignal,
        _ settings: inout [ResolvedSetting]
    ) {
        guard let (name, value) = environment.first(of: signal.names("HEADERS")) else { return }
        let (headers, problems) = HeaderList.parse(value)
        for problem in problems { environment.warn("\(name): \(problem); that pair is left out") }
        self.headers = headers
        settings.append(.init("headers", headers.map(\.name).joined(separator: ", "), source: name))
    }

    private mutating func readFiles(
        _ environment: inout EnvironmentValues,
        _ signal: OTLPSignal,
        _ settings: inout [ResolvedSetting]
    ) {
        func path(_ option: String, _ name: String) -> String? {
            guard let (variable, path) = environment.first(of: signal.names(option)) else { return nil }
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
