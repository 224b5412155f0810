import Foundation
import SpanKit
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitShipping
import SpanKitSummaries

/// Checks a configuration step by step and says what it finds.
struct DoctorReport {
    enum Outcome: Equatable {
        case good
        case settings
        case unreachable
    }

    private let configuration: TelemetryConfiguration
    private let timeout: Duration

    init(_ configuration: TelemetryConfiguration, timeout: Duration) {
        self.configuration = configuration
        self.timeout = timeout
    }

    /// - Parameter say: takes one line at a time.
    func run(_ say: (String) -> Void) -> Outcome {
        saySettings(say)
        guard !configuration.isDisabled else {
            say("✗ telemetry is off: OTEL_SDK_DISABLED=true or ENABLE_PROFILING=false")
            return .settings
        }
        var outcome = checkSpool(say) && configuration.warnings.isEmpty ? Outcome.good : .settings
        let exporters = configuration.exporters.compactMap { exporter -> OTLPExporter? in
            if case .otlp(let otlp) = exporter { otlp } else { nil }
        }
        if exporters.isEmpty { say("spans go to no receiver; there is nothing to check") }
        for exporter in exporters where !check(exporter, say) { outcome = .unreachable }
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

    /// Whether spans that cannot be delivered have a place to wait in.
    private func checkSpool(_ say: (String) -> Void) -> Bool {
        guard let spool = configuration.spool else { return true }
        if let problem = Spool.problem(of: spool) {
            say("✗ spool: \(problem); spans that cannot be delivered would wait in memory only")
            say("    → name a directory that this user may write to")
            return false
        }
        let (spans, folders) = spool.waiting
        let waiting =
            spans == 0
            ? "no spans wait there"
            : "\(Readable.count(UInt64(spans))) \(spans == 1 ? "span waits" : "spans wait") in files of "
                + "\(folders) \(folders == 1 ? "process" : "processes")"
        say("✓ spool: \(spool.directory) can be written; \(waiting)")
        return true
    }

    /// Whether spans arrive at one receiver.
    private func check(_ exporter: OTLPExporter, _ say: (String) -> Void) -> Bool {
        let printable = OTLPExporter.printable(url: exporter.url)
        say(printable)
        guard let url = try? EndpointURL(exporter.url) else { return false }
        let proxy = Self.proxy(for: url)
        if let proxy {
            say("  · proxy: \(OTLPExporter.printable(url: proxy.value)) (\(proxy.name)); the host itself is not tried")
        } else if !checkAddresses(url, say) {
            return false
        }
        if url.scheme == "https" {
            let authority = exporter.certificateFile.map { "authorities in \($0)" } ?? "authorities of the system"
            let client = exporter.clientCertificateFile.map { ", shows \($0)" } ?? ""
            say("  · TLS: \(authority)\(client)")
        }
        guard report("empty request", exporter.probe(nil, timeout: timeout), say) else { return false }
        return report("test span", exporter.probe(testSpan(), timeout: timeout), say)
    }

    private func checkAddresses(_ url: EndpointURL, _ say: (String) -> Void) -> Bool {
        let (checks, problem) = AddressCheck.checkAll(host: url.host, port: url.port)
        if let problem {
            say("  ✗ \(url.host) is not known: \(problem)")
            say("    → check the name, or use its address")
            return false
        }
        for check in checks {
            let mark = check.problem == nil ? "✓" : "✗"
            say("  \(mark) \(check.address) port \(url.port): \(check.problem ?? "connected")")
        }
        guard checks.contains(where: { $0.problem == nil }) else {
            say("    → nobody listens there; is the collector running? OTLP over HTTP has the port 4318")
            return false
        }
        return true
    }

    private func report(_ what: String, _ explanation: Explanation, _ say: (String) -> Void) -> Bool {
        say("  \(explanation.isGood ? "✓" : "✗") \(what): \(explanation.finding)")
        for advice in explanation.advice { say("    → \(advice)") }
        return explanation.isGood
    }

    private func testSpan() -> RecordedSpanProbe {
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
        return RecordedSpanProbe(
            span,
            resource: configuration.resource,
            scope: configuration.scope,
            redaction: configuration.redaction
        )
    }

    /// The variable that makes curl go through a proxy, and its value. Upper case does not count for plain HTTP.
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
