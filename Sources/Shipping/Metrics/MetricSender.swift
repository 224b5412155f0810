import SpanKitHTTP
import SpanKitOTLP
import SpanKitPlatform

/// Sends the bodies of a reader, one at a time. Used by the reader's thread.
final class MetricSender: Sendable {
    private enum Target: Sendable {
        case client(OTLPClient)
        case file(LinesFile)
        case custom(MetricCall)
    }

    private let target: Target

    /// Nil if libcurl cannot be initialized.
    /// - Parameter note: gets a line when something about the receiver was found out.
    init?(_ exporter: MetricExporter, note: @escaping (String) -> Void) {
        switch exporter {
        case .otlp(let exporter):
            guard let client = OTLPClient(exporter, .metrics, note: note) else { return nil }
            target = .client(client)
        case .linesFile(let configuration): target = .file(LinesFile(configuration))
        case .console: target = .file(LinesFile(LinesFileConfiguration(path: "-")))
        case .custom(let exporter): target = .custom(MetricCall(exporter))
        }
    }

    /// Whether a request that was refused may be accepted without one of its metrics. Prometheus answers 400 or 500.
    static func divides(after why: DropReason) -> Bool {
        switch why {
        case .status(let status): [400, 422, 500].contains(status)
        // UNKNOWN, INVALID_ARGUMENT, INTERNAL.
        case .grpcStatus(let code): [2, 3, 13].contains(code)
        default: false
        }
    }

    /// Ends the wait of ``send(_:timeout:until:)``, so that it reads the end again.
    func wake() {
        switch target {
        case .client(let client): client.wake()
        case .custom(let call): call.wake()
        case .file: break
        }
    }

    /// Sends a body and waits for the answer.
    /// - Parameters:
    ///   - timeout: the limit of the attempt; nil for none.
    ///   - end: the deadline of the shutdown; nil before it.
    func send(_ body: Body, timeout: Duration?, until end: () -> ContinuousClock.Instant?) -> Verdict {
        switch target {
        case .file(let file):
            guard let problem = file.write(body.bytes) else { return .accepted(rejected: 0, message: "") }
            return .refused(.file, reason: FileSystem.describe(problem))
        case .custom(let call): return call.verdict(on: body, timeout: timeout, until: end)
        case .client(let client):
            while true {
                // The other protocol is tried at once.
                if case .verdict(let verdict, _) = reply(client, body, timeout, end) { return verdict }
            }
        }
    }

    private func reply(
        _ client: OTLPClient,
        _ body: Body,
        _ timeout: Duration?,
        _ end: () -> ContinuousClock.Instant?
    ) -> OTLPClient.Reply {
        if let reply = client.post(body, token: 1, timeout: timeout) { return reply }
        let deadline = timeout.map { ContinuousClock.now.advanced(by: $0) }
        while true {
            let now = ContinuousClock.now
            let limit = [deadline, end()].compactMap { $0 }.min()
            if let limit, limit <= now {
                _ = client.cancelAll()
                return .verdict(.again(after: nil, reason: "no answer in time"), mayHaveArrived: true)
            }
            let wait = limit.map { now.duration(to: $0) } ?? .seconds(60)
            if let reply = client.poll(for: wait).first?.reply { return reply }
        }
    }
}

extension MetricExporter {
    /// The destination in log lines, without secrets.
    var destinationName: String {
        switch self {
        case .otlp(let exporter): OTLPExporter.printable(url: exporter.url)
        case .linesFile(let file): file.path == "-" ? "standard output" : file.path
        case .console: "console"
        case .custom(let exporter): exporter.name
        }
    }

    /// `otel.component.type` of an exporter of metrics in OpenTelemetry's conventions, or a name in their style.
    var metricComponentType: String {
        switch self {
        case .otlp(let exporter): exporter.protocol.componentType(of: "metric")
        case .linesFile: "otlp_file_metric_exporter"
        case .console: "console_metric_exporter"
        case .custom: "custom_metric_exporter"
        }
    }
}
