import SpanKit
import SpanKitOTLP
import SpanKitPlatform
import SpanKitShipping

extension SettingReader {
    /// Reads an `exporter` of spans or log records. If it cannot be used, reports why and returns nil.
    func exporter(_ signal: OTLPSignal) -> SpanExporter? {
        guard let (kind, value) = component() else { return nil }
        // `spankit doctor` shows only the settings of the traces.
        func show(_ text: String) {
            if signal == .traces { value.report.set(.exporter, text, value.path) }
        }
        switch kind {
        case "otlp_http", "otlp_grpc":
            show("otlp")
            return value.members(Self.keys(of: kind)).map { .otlp(value.otlp(kind, signal, $0)) }
        case "console":
            _ = value.members([])
            show("console")
            return .console
        case "otlp_file":
            guard let file = value.linesFile(value.members(["output_stream"]) ?? [:]) else { return nil }
            show("OTLP JSON lines → \(file.path == "-" ? "stdout" : "file://\(file.path)")")
            return .linesFile(file)
        case "zipkin":
            value.warn("is not supported and is left out; use otlp_http")
            return nil
        default:
            fail("is '\(kind)', which is not an exporter; use \(Self.exporters)")
            return nil
        }
    }

    /// Reads an `exporter` of metrics into the configuration of its reader; nil, after a report, if it cannot be used.
    func metricReader() -> MetricReaderConfiguration? {
        guard let (kind, value) = component() else { return nil }
        let ofMetrics = ["temporality_preference", "default_histogram_aggregation"]
        let members: [String: SettingReader]?
        let exporter: MetricExporter
        switch kind {
        case "otlp_http", "otlp_grpc":
            members = value.members(Self.keys(of: kind) + ofMetrics)
            exporter = .otlp(value.otlp(kind, .metrics, members ?? [:]))
        case "console":
            members = value.members(ofMetrics)
            exporter = .console
        case "otlp_file":
            members = value.members(["output_stream"] + ofMetrics)
            guard let file = value.linesFile(members ?? [:]) else { return nil }
            exporter = .linesFile(file)
        default:
            fail("is '\(kind)', which is not an exporter; use \(Self.exporters)")
            return nil
        }
        guard let members else { return nil }
        var reader = MetricReaderConfiguration(exporter)
        let temporalities: KeyValuePairs<String, TemporalityPreference> = [
            "cumulative": .cumulative, "delta": .delta, "low_memory": .lowMemory,
            // The environment variable spells this value without an underscore, and a file may refer to the variable.
            "lowmemory": .lowMemory,
        ]
        if let temporality = members[ofMetrics[0]]?.choice(temporalities) { reader.temporality = temporality }
        if let form = members[ofMetrics[1]]?.choice(HistogramAggregation.self) { reader.histogramAggregation = form }
        return reader
    }

    private static let exporters = "otlp_http, otlp_grpc, otlp_file/development or console"

    private static func keys(of kind: String) -> [String] {
        let keys = [
            "endpoint", "tls", "headers", "headers_list", "compression", "timeout", "max_request_size",
            "max_response_size",
        ]
        return kind == "otlp_http" ? keys + ["encoding"] : keys
    }

    private func linesFile(_ members: [String: SettingReader]) -> LinesFileConfiguration? {
        let stream = members["output_stream"]?.text() ?? "stdout"
        if stream == "stdout" { return LinesFileConfiguration(path: "-") }
        guard stream.hasPrefix("file://"), stream.count > 7 else {
            fail(
                "has the output_stream '\(stream)'; it has to be stdout, file:///path/to/file.jsonl or file:///path/to/folder/"
            )
            return nil
        }
        return LinesFileConfiguration(path: String(stream.dropFirst(7)))
    }

    private func otlp(_ kind: String, _ signal: OTLPSignal, _ members: [String: SettingReader]) -> OTLPExporter {
        let isGRPC = kind == "otlp_grpc"
        let transport = isGRPC ? OTLPProtocol.grpc : .httpProtobuf
        if let problem = transport.problem() { warn(problem) }
        var exporter = OTLPExporter(url: signal.defaultURL(transport), protocol: transport)
        exporter.compression = .none
        let isInsecure = members["tls"]?.readFiles(&exporter, isGRPC: isGRPC) ?? false
        if let endpoint = members["endpoint"], let text = endpoint.text() {
            do {
                let url = isGRPC ? try EndpointURL(grpc: text, isInsecure: isInsecure) : try EndpointURL(text)
                exporter.url = isGRPC ? url.origin : url.asGiven(signal.path).text
                if isGRPC, !["", "/"].contains(url.path) {
                    endpoint.warn(
                        "has the path '\(url.path)', which is ignored, because gRPC has its own paths; remove it"
                    )
                }
            } catch {
                endpoint.fail("is '\(OTLPExporter.printable(url: text))', which \(error)")
            }
        }
        if let encoding = members["encoding"]?.choice(["protobuf": Encoding.protobuf, "json": .json]) {
            exporter.encoding = encoding
        }
        if let compression = members["compression"]?.choice(["gzip": Compression.gzip(), "none": .none]) {
            exporter.compression = compression
        }
        if let timeout = members["timeout"]?.milliseconds() { exporter.timeout = timeout }
        if let bytes = members["max_request_size"]?.integer(in: 1...1_073_741_824) { exporter.bodyBytes = bytes }
        if let bytes = members["max_response_size"]?.integer(in: 1...1_073_741_824) {
            exporter.maximumResponseBytes = bytes
        }
        exporter.headers = headers(members["headers_list"], members["headers"])
        for name in exporter.removeHeadersWithoutGRPC() {
            warn(
                "has the header \(name), whose name or value gRPC does not allow, or which it sets itself; it is left out"
            )
        }
        if signal == .traces { show(exporter, members) }
        return exporter
    }

    /// Reads headers. Reports never contain header values, because they may be secrets.
    private func headers(_ list: SettingReader?, _ elements: SettingReader?) -> [HTTPHeader] {
        var headers: [HTTPHeader] = []
        func add(_ header: HTTPHeader, _ value: SettingReader) {
            guard header.isValid else { return value.fail("has a name or value that is not allowed in a header") }
            headers.removeAll { $0.name.lowercased() == header.name.lowercased() }
            headers.append(header)
        }
        if let list, let text = list.text() {
            let (parsed, problems) = HeaderList.parse(text)
            for problem in problems { list.fail(problem) }
            headers = parsed
        }
        for element in elements?.elements() ?? [] {
            guard let members = element.members(["name", "value"]) else { continue }
            guard let name = members["name"]?.text() else {
                element.fail("has no name")
                continue
            }
            guard let value = members["value"] else {
                element.fail("has no value")
                continue
            }
            // The format ignores a header with an empty value.
            if let text = value.text() { add(HTTPHeader(name: name, value: text), element) }
        }
        return headers
    }

    /// Reads the files of `tls`.
    /// - Returns: the value of `insecure`, which only gRPC has.
    private func readFiles(_ exporter: inout OTLPExporter, isGRPC: Bool) -> Bool {
        guard let members = self.members(["ca_file", "key_file", "cert_file"] + (isGRPC ? ["insecure"] : [])) else {
            return false
        }
        func path(_ name: String) -> String? {
            guard let file = members[name], let path = file.text() else { return nil }
            if !path.hasPrefix("/") {
                file.fail("is '\(path)'; it has to be an absolute path")
            } else if !FileSystem.isReadable(path) {
                file.warn(
                    "is '\(path)', which cannot be read, so TLS connections will fail; check the path and the file's permissions"
                )
            }
            return path
        }
        exporter.certificateFile = path("ca_file")
        exporter.clientCertificateFile = path("cert_file")
        exporter.clientKeyFile = path("key_file")
        if (exporter.clientCertificateFile == nil) != (exporter.clientKeyFile == nil) {
            fail("has only one of cert_file and key_file; set both or neither")
        }
        return members["insecure"]?.bool() ?? false
    }

    private func show(_ exporter: OTLPExporter, _ members: [String: SettingReader]) {
        func source(_ key: String) -> String { members[key]?.path ?? "\(path), without \(key)" }
        func set(_ kind: ResolvedSetting.Kind, _ shown: String, _ key: String) { report.set(kind, shown, source(key)) }
        set(.endpoint, OTLPExporter.printable(url: exporter.url), "endpoint")
        // A gRPC exporter has no encoding to choose.
        report.set(.protocol, exporter.protocol.rawValue, exporter.protocol == .grpc ? path : source("encoding"))
        set(.compression, exporter.compression.name, "compression")
        if !exporter.headers.isEmpty {
            set(.headers, exporter.headers.map(\.name).joined(separator: ", "), "headers")
        }
        set(.timeout, OTLPExporter.printable(timeout: exporter.timeout), "timeout")
    }
}
