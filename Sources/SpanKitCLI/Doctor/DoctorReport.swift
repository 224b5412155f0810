import Foundation
import SpanKit
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitShipping
import SpanKitSummaries

/// Checks a configuration step by step and explains the results.
struct DoctorReport {
    let configuration: TelemetryConfiguration
    let timeout: Duration

    /// Runs all checks.
    /// - Parameter say: Receives the report line by line.
    /// - Returns: The exit status; `nil` if everything is in order.
    func run(_ say: (String) -> Void) -> ExitStatus? {
        saySettings(say)
        guard !configuration.isDisabled else {
            say(
                "✗ telemetry is off, because OTEL_SDK_DISABLED=true, ENABLE_PROFILING=false or `disabled: true` in the configuration file is set; remove that setting"
            )
            return .usage
        }
        var outcome: ExitStatus? = checkSpool(say) && configuration.warnings.isEmpty ? nil : .usage
        let exporters = configuration.exporters.compactMap { exporter -> OTLPExporter? in
            if case .otlp(let otlp) = exporter { otlp } else { nil }
        }
        if exporters.isEmpty { say("no OTLP exporter is configured; there is no receiver to check") }
        for exporter in exporters where !check(exporter, say) { outcome = .unavailable }
        return outcome
    }

    private func saySettings(_ say: (String) -> Void) {
        say("Settings")
        let width = configuration.settings.map(\.name.count).max() ?? 0
        let valueWidth = min(60, configuration.settings.map(\.value.count).max() ?? 0)
        for setting in configuration.settings {
            let name = setting.name.padding(toLength: width, withPad: " ", startingAt: 0)
            let value =
                setting.value.count < valueWidth
                ? setting.value.padding(toLength: valueWidth, withPad: " ", startingAt: 0) : setting.value
            say("  \(name)  \(value)  \(setting.source)")
        }
        if case .string(let service) = configuration.resource["service.name"] { say("  service.name is \(service)") }
        for warning in configuration.warnings { say("✗ \(warning)") }
        say("")
    }

    /// Checks whether the spool can be written.
    private func checkSpool(_ say: (String) -> Void) -> Bool {
        guard let spool = configuration.spool else { return true }
        if let problem = Spool.problem(of: spool) {
            say("✗ spool: \(problem); undelivered spans would be kept in memory only")
            say("    → set SPANKIT_SPOOL_DIR to a directory that this user can write to")
            return false
        }
        let (spans, folders) = spool.waiting
        let processes = Readable.count(folders, of: "process", plural: "processes")
        let waiting = "\(Readable.count(spans, of: "span", "waits", "wait")) in files of \(processes)"
        say("✓ spool: \(spool.directory) can be written; \(spans == 0 ? "it contains no spans" : waiting)")
        return true
    }

    /// Checks whether a receiver accepts spans.
    private func check(_ exporter: OTLPExporter, _ say: (String) -> Void) -> Bool {
        let printable = OTLPExporter.printable(url: exporter.url)
        say(printable)
        guard let url = try? EndpointURL(exporter.url) else { return false }
        let proxy = Self.proxy(for: url)
        if let proxy {
            say(
                "  · proxy: \(OTLPExporter.printable(url: proxy.value)) (\(proxy.name)); the host is not checked directly"
            )
        } else if !checkAddresses(url, say) {
            return false
        }
        if url.scheme == "https" {
            let authority = exporter.certificateFile.map { "authorities in \($0)" } ?? "the system's authorities"
            let client = exporter.clientCertificateFile.map { ", client certificate \($0)" } ?? ""
            say("  · TLS: \(authority)\(client)")
        }
        guard report("empty request", exporter.probe(nil, timeout: timeout), say) else { return false }
        return report("test span", exporter.probe(testSpan(), timeout: timeout), say)
    }

    private func checkAddresses(_ url: EndpointURL, _ say: (String) -> Void) -> Bool {
        let (checks, problem) = AddressCheck.checkAll(host: url.host, port: url.port)
        if let problem {
            say("  ✗ \(url.host) cannot be resolved: \(problem)")
            say("    → check the host name, or use an IP address")
            return false
        }
        for check in checks {
            let mark = check.problem == nil ? "✓" : "✗"
            say("  \(mark) \(check.address) port \(url.port): \(check.problem ?? "connected")")
        }
        guard checks.contains(where: { $0.problem == nil }) else {
            say(
                "    → no server accepts connections there; is the collector running? The port of OTLP over HTTP is 4318"
            )
            return false
        }
        return true
    }

    private func report(_ what: String, _ explanation: Explanation, _ say: (String) -> Void) -> Bool {
        say("  \(explanation.isGood ? "✓" : "✗") \(what): \(explanation.finding)")
        for advice in explanation.advice { say("    → \(advice)") }
        return explanation.isGood
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
