import Foundation
import SpanKit
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitReports
import SpanKitShipping
import SpanKitSummaries

/// Checks a configuration step by step and explains the results.
struct DoctorReport {
    let configuration: TelemetryConfiguration
    let timeout: Duration

    /// Runs all checks.
    /// - Parameter report: Receives each result as soon as it is known.
    /// - Returns: The exit status; `nil` if everything is in order.
    func run(_ report: (DoctorCheck) -> Void) -> ExitStatus? {
        guard !configuration.isDisabled else {
            let finding =
                "telemetry is off, because OTEL_SDK_DISABLED=true, ENABLE_PROFILING=false or `disabled: true` in the configuration file is set; remove that setting"
            report(DoctorCheck(kind: .telemetry, status: .failed, finding: finding))
            return .usage
        }
        let spool = checkSpool()
        if let spool { report(spool) }
        var outcome: ExitStatus? = spool?.status != .failed && configuration.warnings.isEmpty ? nil : .usage
        let exporters = configuration.exporters.compactMap { exporter -> OTLPExporter? in
            if case .otlp(let otlp) = exporter { otlp } else { nil }
        }
        if exporters.isEmpty {
            let finding = "no OTLP exporter is configured; there is no receiver to check"
            report(DoctorCheck(kind: .exporter, status: .info, finding: finding))
        }
        var servers = CheckedServers()
        for exporter in exporters where !check(exporter, .traces, &servers, report) { outcome = .unavailable }
        for exporter in configuration.effectiveLogExporters.compactMap(\.receiver)
        where !check(exporter, .logs, &servers, report) { outcome = .unavailable }
        for reader in configuration.metricReaders {
            guard case .otlp(let exporter) = reader.exporter else { continue }
            if !check(exporter, .metrics, &servers, report) { outcome = .unavailable }
        }
        return outcome
    }

    /// The servers that were checked for another signal, each with whether a connection was made. The signals usually share one.
    private struct CheckedServers {
        private var reachable: [String: Bool] = [:]

        subscript(url: EndpointURL) -> Bool? {
            get { reachable[Self.key(url)] }
            set { reachable[Self.key(url)] = newValue }
        }

        private static func key(_ url: EndpointURL) -> String { url.socketPath ?? url.origin }
    }

    /// The settings as lines for a terminal.
    var settingLines: [String] {
        let width = configuration.settings.map(\.name.count).max() ?? 0
        let valueWidth = min(60, configuration.settings.map(\.value.count).max() ?? 0)
        var lines = ["Settings"]
        for setting in configuration.settings {
            lines.append("  \(padded(setting.name, width))  \(padded(setting.value, valueWidth))  \(setting.source)")
        }
        if let service { lines.append("  service.name is \(service)") }
        return lines + configuration.warnings.map { "✗ \($0)" } + [""]
    }

    /// The machine-readable settings.
    var facts: [(String, JSONText)] {
        let settings = configuration.settings.map { setting in
            JSONText.object([
                ("name", .string(setting.name)), ("value", .string(setting.value)),
                ("source", .string("\(setting.source)")),
            ])
        }
        return [
            ("service", .text(service)), ("settings", .list(settings)),
            ("warnings", .list(configuration.warnings.map { .string($0) })),
        ]
    }

    private var service: String? {
        if case .string(let service) = configuration.resource["service.name"] { service } else { nil }
    }

    /// Checks whether the spool can be written; `nil` without a spool.
    private func checkSpool() -> DoctorCheck? {
        guard let spool = configuration.spool else { return nil }
        if let problem = Spool.problem(of: spool) {
            return DoctorCheck(
                kind: .spool,
                status: .failed,
                finding: "spool: \(problem); undelivered spans would be kept in memory only",
                advice: ["set SPANKIT_SPOOL_DIR to a directory that this user can write to"]
            )
        }
        let (spans, logRecords, folders) = spool.waiting
        let processes = Readable.count(folders, of: "process", plural: "processes")
        let both = [(spans, "span"), (logRecords, "log record")].filter { $0.0 > 0 }
        let waiting =
            both.map { Readable.count($0.0, of: $0.1) }.joined(separator: " and ")
            + " \(spans + logRecords == 1 ? "waits" : "wait") in files of \(processes)"
        return DoctorCheck(
            kind: .spool,
            status: .passed,
            finding: "spool: \(spool.directory) can be written; \(both.isEmpty ? "it contains no spans" : waiting)"
        )
    }

    /// Checks whether a receiver accepts spans, or empty requests of another signal.
    private func check(
        _ exporter: OTLPExporter,
        _ signal: OTLPSignal,
        _ servers: inout CheckedServers,
        _ report: (DoctorCheck) -> Void
    ) -> Bool {
        let receiver = OTLPExporter.printable(url: exporter.url)
        func say(_ kind: DoctorCheck.Kind, _ status: DoctorCheck.Status, _ finding: String, _ advice: [String] = []) {
            report(DoctorCheck(kind: kind, receiver: receiver, status: status, finding: finding, advice: advice))
        }
        func accepts(_ kind: DoctorCheck.Kind, _ what: String, _ answer: Explanation) -> Bool {
            say(kind, answer.isGood ? .passed : .failed, "\(what): \(answer.finding)", answer.advice)
            return answer.isGood
        }
        say(.endpoint, .info, receiver)
        guard let url = try? EndpointURL(exporter.url) else { return false }
        guard servers[url] ?? connects(exporter, url, say) else {
            if servers[url] == false { say(.address, .info, "not checked: the same server cannot be reached") }
            servers[url] = false
            return false
        }
        servers[url] = true
        let empty =
            switch signal {
            case .traces: "empty request"
            case .metrics: "empty request with metrics"
            case .logs: "empty request with log records"
            }
        guard accepts(.emptyRequest, empty, exporter.probe(nil, signal, timeout: timeout)) else { return false }
        // A test metric would leave a series in the receiver, and a test record a line in its logs.
        guard signal == .traces else { return true }
        return accepts(.testSpan, "test span", exporter.probe(testSpan(), timeout: timeout))
    }

    private typealias Say = (DoctorCheck.Kind, DoctorCheck.Status, String, [String]) -> Void

    /// Whether a connection to the server can be made. Also says how TLS is used.
    private func connects(_ exporter: OTLPExporter, _ url: EndpointURL, _ say: Say) -> Bool {
        if let path = url.socketPath {
            let problem = AddressCheck.problem(ofSocket: path)
            let advice = "is the collector running, and may this user write to its socket?"
            say(
                .address,
                problem == nil ? .passed : .failed,
                "socket \(path): \(problem ?? "connected")",
                problem == nil ? [] : [advice]
            )
            guard problem == nil else { return false }
        } else if let proxy = Self.proxy(for: url) {
            let proxyURL = OTLPExporter.printable(url: proxy.value)
            say(.proxy, .info, "proxy: \(proxyURL) (\(proxy.name)); the host is not checked directly", [])
        } else if !checkAddresses(url, isGRPC: exporter.protocol == .grpc, say) {
            return false
        }
        if url.scheme == "https" {
            let authority = exporter.certificateFile.map { "authorities in \($0)" } ?? "the system's authorities"
            let client = exporter.clientCertificateFile.map { ", client certificate \($0)" } ?? ""
            say(.tls, .info, "TLS: \(authority)\(client)", [])
        }
        return true
    }

    private func checkAddresses(
        _ url: EndpointURL,
        isGRPC: Bool,
        _ say: Say
    ) -> Bool {
        let (checks, problem) = AddressCheck.checkAll(host: url.host, port: url.port)
        if let problem {
            let advice = "check the host name, or use an IP address"
            say(.lookup, .failed, "\(url.host) cannot be resolved: \(problem)", [advice])
            return false
        }
        let isReachable = checks.contains { $0.problem == nil }
        let port = isGRPC ? "gRPC is 4317" : "HTTP is 4318"
        let advice = "no server accepts connections there; is the collector running? The port of OTLP over \(port)"
        for (place, check) in checks.enumerated() {
            say(
                .address,
                check.problem == nil ? .passed : .failed,
                "\(check.address) port \(url.port): \(check.problem ?? "connected")",
                isReachable || place < checks.count - 1 ? [] : [advice]
            )
        }
        return isReachable
    }

    private func testSpan() -> TestSpan {
        var random = SystemRandomNumberGenerator()
        let now = UnixTime.nanoseconds()
        let span = RecordedSpan(
            name: "spankit doctor",
            context: SpanContext(
                traceID: TraceID(high: random.next(), low: random.next() | 1),
                spanID: SpanID(rawValue: random.next() | 1),
                traceFlags: [.sampled, .random]
            ),
            startUnixNanoseconds: now - 1_000_000,
            endUnixNanoseconds: now
        )
        return TestSpan(
            span: span,
            resource: configuration.resource,
            scope: configuration.scope,
            redaction: configuration.redaction
        )
    }

    /// The variable with the proxy that curl uses, and its value. For plain HTTP, curl ignores HTTP_PROXY in upper case.
    private static func proxy(for url: EndpointURL) -> (name: String, value: String)? {
        let environment = ProcessInfo.processInfo.environment
        let exceptions = (environment["no_proxy"] ?? environment["NO_PROXY"] ?? "").split(separator: ",")
            .map { $0.trimmingCharacters(in: .whitespaces) }
        let isExcepted = exceptions.contains { exception in
            exception == "*" || url.host == exception || url.host.hasSuffix(".\(exception.drop { $0 == "." })")
        }
        guard !isExcepted else { return nil }
        let names =
            url.scheme == "https"
            ? ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] : ["http_proxy", "all_proxy", "ALL_PROXY"]
        for name in names {
            if let value = environment[name], !value.isEmpty { return (name, value) }
        }
        return nil
    }
}
