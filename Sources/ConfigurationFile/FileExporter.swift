import SpanKit
import SpanKitOTLP
import SpanKitPlatform
import SpanKitShipping

extension SettingReader {
    /// Reads an `exporter` of spans or log records. If it cannot be used, reports why and returns nil.
    func exporter(_ signal: OTLPSignal) -> SpanExporter? {
        guard let (kind, value) = component() else { return nil }
        // The settings that are shown are those of the traces.
        func show(_ text: String) {
            if signal == .traces { value.report.set(.exporter, text, value.path) }
        }
        switch kind {
        case "otlp_http":
            show("otlp")
            return value.members(Self.ofHTTP).map { .otlp(value.otlp(signal, $0)) }
        case "console":
            _ = value.members([])
            show("console")
            return .console
        case "otlp_file":
            guard let file = value.linesFile(value.members(["output_stream"]) ?? [:]) else { return nil }
            show("OTLP JSON lines → \(file.path == "-" ? "stdout" : "file://\(file.path)")")
            return .linesFile(file)
        case "otlp_grpc", "zipkin":
            value.warn("is not supported and is left out; use otlp_http")
            return nil
        default:
            fail("is '\(kind)', which is not an exporter; use otlp_http, otlp_file/development or console")
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
        case "otlp_http":
            members = value.members(Self.ofHTTP + ofMetrics)
            exporter = .otlp(value.otlp(.metrics, members ?? [:]))
        case "console":
            members = value.members(ofMetrics)
            exporter = .console
        case "otlp_file":
            members = value.members(["output_stream"] + ofMetrics)
            guard let file = value.linesFile(members ?? [:]) else { return nil }
            exporter = .linesFile(file)
        case "otlp_grpc":
            value.warn("is not supported and is left out; use otlp_http")
            return nil
        default:
            fail("is '\(kind)', which is not an exporter; use otlp_http, otlp_file/development or console")
            return nil
        }
        guard let members else { return nil }
        var reader = MetricReaderConfiguration(exporter)
        let temporalities: KeyValuePairs<String, TemporalityPreference> = [
            "cumulative": .cumulative, "delta": .delta, "low_memory": .lowMemory,
            // As the environment variable has it, which a file may refer to.
            "lowmemory": .lowMemory,
        ]
        if let temporality = members[ofMetrics[0]]?.choice(temporalities) { reader.temporality = temporality }
        if let form = members[ofMetrics[1]]?.choice(HistogramAggregation.self) { reader.histogramAggregation = form }
        return reader
    }

    private static let ofHTTP = [
        "endpoint", "tls", "headers", "headers_list", "compression", "timeout", "encoding", "max_request_size",
        "max_response_size",
    ]

    private func linesFile(_ members: [String: SettingReader]) -> LinesFileConfiguration? {
        let stream = members["output_stream"]?.text() ?? "stdout"
        if stream == "stdout" { return LinesFileConfiguration(path: "-") }
        guard stream.hasPrefix("file://"), stream.count > 7 else {
            fail("has the output_stream '\(stream)'; it has to be stdout or file:///path/to/file.jsonl")
            return nil
        }
        return LinesFileConfiguration(path: String(stream.dropFirst(7)))
    }

    private func otlp(_ signal: OTLPSignal, _ members: [String: SettingReader]) -> OTLPExporter {
        var exporter = OTLPExporter(url: signal.defaultURL)
        exporter.encoding = .protobuf
        exporter.compression = .none
        if let endpoint = members["endpoint"], let text = endpoint.text() {
            do { exporter.url = try EndpointURL(text).asGiven(signal.path).text } catch {
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
        members["tls"]?.readFiles(&exporter)
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

    private func readFiles(_ exporter: inout OTLPExporter) {
        guard let members = self.members(["ca_file", "key_file", "cert_file"]) else { return }
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
    }

    private func show(_ exporter: OTLPExporter, _ members: [String: SettingReader]) {
        func set(_ kind: ResolvedSetting.Kind, _ shown: String, _ key: String) {
            report.set(kind, shown, members[key]?.path ?? "\(path), without \(key)")
        }
        set(.endpoint, OTLPExporter.printable(url: exporter.url), "endpoint")
        set(.protocol, exporter.protocolName, "encoding")
        set(.compression, exporter.compression.name, "compression")
        if !exporter.headers.isEmpty {
            set(.headers, exporter.headers.map(\.name).joined(separator: ", "), "headers")
        }
        set(.timeout, OTLPExporter.printable(timeout: exporter.timeout), "timeout")
    }
}
