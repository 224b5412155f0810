import SpanKit
import SpanKitOTLP
import SpanKitPlatform
import SpanKitShipping

/// Reads an `exporter` of a configuration file.
struct FileExporter {
    private let value: SettingReader
    private let signal: OTLPSignal

    init(_ value: SettingReader, _ signal: OTLPSignal = .traces) {
        self.value = value
        self.signal = signal
    }

    /// The exporter; nil, after a report, if it cannot be used.
    func exporter() -> SpanExporter? {
        guard let (kind, value) = value.component() else { return nil }
        switch kind {
        case "otlp_http":
            value.report.set(.exporter, "otlp", value.path)
            return .otlp(otlp(value))
        case "console":
            _ = value.members([])
            value.report.set(.exporter, "console", value.path)
            return .console
        case "otlp_file": return linesFile(value)
        case "otlp_grpc", "zipkin":
            value.warn("is not supported and left out; use otlp_http")
            return nil
        default:
            self.value.fail("is '\(kind)', which is not an exporter; use otlp_http, otlp_file/development or console")
            return nil
        }
    }

    /// The exporter of metrics, which supports OTLP over HTTP only.
    func metricsExporter() -> OTLPExporter? {
        guard let (kind, value) = value.component() else { return nil }
        guard kind == "otlp_http" else {
            value.warn("is not supported for metrics and left out; use otlp_http")
            return nil
        }
        return otlp(value)
    }

    private func linesFile(_ value: SettingReader) -> SpanExporter? {
        let stream = value.members(["output_stream"])?["output_stream"]?.text() ?? "stdout"
        value.report.set(.exporter, "OTLP JSON lines → \(stream)", value.path)
        if stream == "stdout" { return .linesFile(LinesFileConfiguration(path: "-")) }
        guard stream.hasPrefix("file://"), stream.count > 7 else {
            value.fail("has the output_stream '\(stream)'; it has to be stdout or file:///path/to/file.jsonl")
            return nil
        }
        return .linesFile(LinesFileConfiguration(path: String(stream.dropFirst(7))))
    }

    private func otlp(_ value: SettingReader) -> OTLPExporter {
        var exporter = OTLPExporter(url: signal.defaultURL)
        exporter.encoding = .protobuf
        exporter.compression = .none
        let known = [
            "endpoint", "tls", "headers", "headers_list", "compression", "timeout", "encoding", "max_request_size",
            "max_response_size",
        ]
        let ofMetrics = ["temporality_preference", "default_histogram_aggregation"]
        guard let members = value.members(known, ignoring: signal == .metrics ? ofMetrics : []) else { return exporter }
        if let endpoint = members["endpoint"], let text = endpoint.text() {
            do { exporter.url = try EndpointURL(text).asGiven.text } catch {
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
        members["tls"].map { readFiles($0, &exporter) }
        if signal == .traces { show(exporter, members) }
        return exporter
    }

    /// Reads headers. Reports never contain values, because they may be secrets.
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

    private func readFiles(_ value: SettingReader, _ exporter: inout OTLPExporter) {
        guard let members = value.members(["ca_file", "key_file", "cert_file"]) else { return }
        func path(_ name: String) -> String? {
            guard let file = members[name], let path = file.text() else { return nil }
            if !path.hasPrefix("/") {
                file.fail("is '\(path)'; it has to be an absolute path")
            } else if !FileSystem.isReadable(path) {
                file.warn("is '\(path)', which cannot be read; TLS connections will fail")
            }
            return path
        }
        exporter.certificateFile = path("ca_file")
        exporter.clientCertificateFile = path("cert_file")
        exporter.clientKeyFile = path("key_file")
        if (exporter.clientCertificateFile == nil) != (exporter.clientKeyFile == nil) {
            value.fail("has one of cert_file and key_file, which belong together")
        }
    }

    private func show(_ exporter: OTLPExporter, _ members: [String: SettingReader]) {
        func set(_ kind: ResolvedSetting.Kind, _ shown: String, _ key: String) {
            value.report.set(kind, shown, members[key]?.path ?? "\(value.path).otlp_http, without \(key)")
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
