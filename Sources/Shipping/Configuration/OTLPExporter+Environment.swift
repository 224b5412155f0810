import SpanKitHTTP
import SpanKitOTLP
import SpanKitPlatform

/// The kind of telemetry that an exporter sends. Each signal has its own path and its own variables, `OTEL_EXPORTER_OTLP_TRACES_…`.
package enum OTLPSignal: String, Sendable {
    case traces
    case metrics
    case logs

    /// The path of requests below a base URL.
    package var path: String { "v1/\(rawValue)" }

    /// The URL that a receiver on the same machine listens on.
    package var defaultURL: String { "http://localhost:4318/\(path)" }

    /// The variables of an option; the one for this signal overrides the general one.
    fileprivate func names(_ option: String) -> [String] {
        ["OTEL_EXPORTER_OTLP_\(rawValue.uppercased())_\(option)", "OTEL_EXPORTER_OTLP_\(option)"]
    }
}

extension OTLPExporter {
    /// Creates the exporter that the environment describes (OTLP exporter specification, "Configuration Options").
    /// - Parameters:
    ///   - environment: receives the warnings and the settings.
    ///   - given: a URL from code or the command line, used as it is. It overrides all variables.
    package init(_ environment: inout EnvironmentValues, _ signal: OTLPSignal = .traces, url given: String? = nil) {
        self.init(url: signal.defaultURL)
        readURL(&environment, signal, given)
        func set(_ kind: ResolvedSetting.Kind, _ value: String, _ option: String) {
            environment.set(kind, value, source: environment.first(of: signal.names(option))?.name ?? "default")
        }
        let protocols: [String: Encoding] = ["http/json": .json, "http/protobuf": .protobuf]
        encoding = environment.choice(signal.names("PROTOCOL"), protocols, instead: "http/json") ?? encoding
        set(.protocol, protocolName, "PROTOCOL")
        let compressions: [String: Compression] = ["none": .none, "gzip": .gzip()]
        compression = environment.choice(signal.names("COMPRESSION"), compressions, instead: "gzip") ?? compression
        set(.compression, compression.name, "COMPRESSION")
        if let (name, value) = environment.first(of: signal.names("HEADERS")) {
            let (parsed, problems) = HeaderList.parse(value)
            for problem in problems { environment.warn("\(name): \(problem); that pair is left out") }
            headers = parsed
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

    /// The encoding as `OTEL_EXPORTER_OTLP_PROTOCOL` names it.
    package var protocolName: String { encoding == .json ? "http/json" : "http/protobuf" }

    /// Sets the URL (OTLP exporter specification, "Endpoint URLs for OTLP/HTTP").
    private mutating func readURL(_ environment: inout EnvironmentValues, _ signal: OTLPSignal, _ given: String?) {
        var source = "default"
        let names = signal.names("ENDPOINT")
        let candidates: [(source: String, value: String?, isBase: Bool)] = [
            ("given", given, false), (names[0], environment.text(names[0]), false),
            (names[1], environment.text(names[1]), true),
        ]
        for case let (name, value?, isBase) in candidates {
            do {
                let parsed = try EndpointURL(value)
                url = (isBase ? parsed.appending(signal.path) : parsed.asGiven(signal.path)).text
                source = name
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
                "\(name): 4317 is the port of OTLP over gRPC; use the port of OTLP over HTTP, which is usually 4318"
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

    /// The same receiver for log records: the path of traces replaced by that of logs; nil if the URL has another path.
    package var forLogs: OTLPExporter? {
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
