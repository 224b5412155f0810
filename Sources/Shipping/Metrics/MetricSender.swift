import SpanKitHTTP
import SpanKitOTLP
import SpanKitPlatform

/// Sends the bodies of a reader, one at a time. Used by the reader's thread.
final class MetricSender: Sendable {
    private enum Target: Sendable {
        case requests(MetricRequests)
        case file(any LineFile)
        case custom(MetricCall)
    }

    private let target: Target

    /// Nil if libcurl cannot be initialized or the system cannot create a thread.
    /// - Parameters:
    ///   - pool: where to look for connections to the same receiver; nil for connections of its own.
    ///   - note: gets a line when something about the receiver was found out.
    init?(_ exporter: MetricExporter, _ pool: ConnectionPool?, note: @escaping (String) -> Void) {
        switch exporter {
        case .otlp(let exporter):
            guard let requests = MetricRequests(exporter, pool, note: note) else { return nil }
            target = .requests(requests)
        case .linesFile(let configuration): target = .file(configuration.makeFile { note($0) })
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
        case .requests(let requests): requests.wake()
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
            guard let problem = file.write(body.bytes, isCompressed: body.isCompressed) else {
                return .accepted(rejected: 0, message: "")
            }
            return .refused(.file, reason: FileSystem.describe(problem))
        case .custom(let call): return call.verdict(on: body, timeout: timeout, until: end)
        case .requests(let requests):
            while true {
                // The other protocol is tried at once.
                if case .verdict(let verdict, _) = requests.reply(to: body, timeout: timeout, until: end) {
                    return verdict
                }
            }
        }
    }

    /// Gives up the connections. Nothing can be sent any more.
    func close() {
        if case .requests(let requests) = target { requests.end() }
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
