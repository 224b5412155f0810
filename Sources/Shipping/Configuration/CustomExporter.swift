import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// A destination of spans or metrics that you write yourself: a closure that gets batches.
///
/// ```swift
/// configuration.exporters.append(
///     .custom(
///         CustomExporter("counter") { batch in
///             print("\(batch.spans.count) spans ended")
///             return .accepted
///         }
///     )
/// )
/// ```
///
/// A batch is queued, retried, dropped and counted as for an OTLP receiver: a closure that throws or returns
/// ``ExportResult/retry(after:reason:)`` gets the same batch again after a backoff, until ``keepsFor`` is over. Only the spool is not used,
/// so batches wait in memory.
///
/// The closure is called outside of the threads that record spans, and never at the same time for the same exporter. If a call takes longer
/// than ``timeout``, its task is cancelled. The next call follows only after that call has returned. A closure that
/// hangs does not delay other destinations, and its spans are counted as in flight.
public struct CustomExporter: Sendable, Hashable {
    /// The name in log messages and in ``ShippingAccount/Destination/name``.
    public let name: String
    /// The time limit of a call, 10 s by default.
    public var timeout = Duration.seconds(10)
    /// The time for which a batch is retried, 5 minutes by default. After that, the batch is dropped and counted.
    public var keepsFor = Duration.seconds(300)
    /// The approximate maximum size of the batches that wait in memory, in bytes, 16 MiB by default. Beyond it, further spans stay in the
    /// log.
    public var waitingBytes = 16 * 1_024 * 1_024
    /// The approximate maximum size of a batch before compression, in bytes, 4 MiB by default.
    public var bodyBytes = 4 * 1_024 * 1_024

    /// What the closure gets.
    final class Handler: Sendable {
        let call: Call

        enum Call: Sendable {
            case spans(@Sendable (SpanBatch) async throws -> ExportResult)
            case bodies(Encoding, Compression, @Sendable (ExportBody) async throws -> ExportResult)
        }

        init(_ call: Call) {
            self.call = call
        }
    }

    let handler: Handler

    /// Creates an exporter that gets copies of the spans.
    /// - Parameters:
    ///   - name: The name in log messages and in the account.
    ///   - export: Exports a batch, and returns what became of it.
    public init(_ name: String, _ export: @escaping @Sendable (_ batch: SpanBatch) async throws -> ExportResult) {
        self.name = name
        handler = Handler(.spans(export))
    }

    /// Creates an exporter that gets complete OTLP requests. It also works as the exporter of a ``MetricReaderConfiguration``.
    /// - Parameters:
    ///   - name: The name in log messages and in the account.
    ///   - encoding: The encoding of the requests.
    ///   - compression: The compression of the requests.
    ///   - export: Exports a request, and returns what became of it.
    public init(
        _ name: String,
        encoding: Encoding,
        compression: Compression = .none,
        _ export: @escaping @Sendable (_ body: ExportBody) async throws -> ExportResult
    ) {
        self.name = name
        handler = Handler(.bodies(encoding, compression, export))
    }

    /// Whether the settings and the closures are the same.
    public static func == (left: CustomExporter, right: CustomExporter) -> Bool {
        left.handler === right.handler && left.timeout == right.timeout && left.keepsFor == right.keepsFor
            && left.waitingBytes == right.waitingBytes && left.bodyBytes == right.bodyBytes
    }

    /// Hashes the identity of the closure.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(handler))
    }

    /// The format of its batches.
    var format: BodyFormat {
        switch handler.call {
        case .spans: BodyFormat(.spans)
        case .bodies(let encoding, let compression, _): BodyFormat(.otlp(encoding), gzipLevel: compression.level)
        }
    }

    /// What it gets, for log lines.
    package var formatName: String {
        switch handler.call {
        case .spans: "spans"
        case .bodies(let encoding, let compression, _):
            "OTLP \(encoding == .json ? "JSON" : "protobuf")" + (compression == .none ? "" : ", \(compression.name)")
        }
    }
}

/// The spans that a ``CustomExporter`` gets in one call.
public struct SpanBatch: Sendable {
    /// The attributes of the process.
    public var resource: Resource
    /// The instrumentation scope of the spans.
    public var scope: InstrumentationScope
    /// The spans, after sampling and redaction.
    public var spans: [RecordedSpan]
}

/// The OTLP request that a ``CustomExporter`` gets in one call: an `ExportTraceServiceRequest` or `ExportMetricsServiceRequest`.
public struct ExportBody: Sendable {
    /// The bytes, compressed if ``isCompressed``.
    public var bytes: [UInt8]
    /// The encoding of the request.
    public var encoding: Encoding
    /// Whether the bytes are compressed with gzip. Small requests are not.
    public var isCompressed: Bool
    /// The number of spans or data points in the request.
    public var itemCount: Int
    /// The path of the request below a receiver's base URL: `v1/traces` or `v1/metrics`.
    public var path: String

    /// The header fields of a request with this body: `Content-Type`, and `Content-Encoding` if it is compressed.
    public var headers: [HTTPHeader] {
        [HTTPHeader(name: "Content-Type", value: encoding.contentType)]
            + (isCompressed ? [HTTPHeader(name: "Content-Encoding", value: "gzip")] : [])
    }
}

/// What became of a batch that a ``CustomExporter`` got. A closure that throws an error has the same effect as
/// ``retry(after:reason:)``.
public enum ExportResult: Sendable, Hashable {
    /// The batch is delivered.
    case accepted
    /// The batch is delivered except for some spans or data points, which are counted as dropped (``DropReason/rejected``).
    case partlyAccepted(rejected: Int, reason: String)
    /// The batch is dropped and counted (``DropReason/rejected``).
    case refused(reason: String)
    /// The same batch is passed again, not before the delay.
    case retry(after: Duration? = nil, reason: String)

    fileprivate var verdict: Verdict {
        switch self {
        case .accepted: .accepted(rejected: 0, message: "")
        case .partlyAccepted(let rejected, let reason):
            .accepted(rejected: max(0, rejected), message: ConsoleText.printable(reason))
        case .refused(let reason):
            .accepted(
                rejected: .max,
                message: reason.isEmpty ? "the exporter refused them" : ConsoleText.printable(reason)
            )
        case .retry(let delay, let reason): .again(after: delay, reason: ConsoleText.printable(reason))
        }
    }
}

extension CustomExporter {
    /// Calls the closure in a new task.
    /// - Parameters:
    ///   - batch: Makes the argument of a closure that takes spans; nil if there are no spans.
    ///   - completion: Called once, on the task's thread.
    func start(
        _ body: Body,
        path: String,
        _ batch: (@Sendable ([RecordedSpan]) -> SpanBatch)?,
        _ completion: @escaping @Sendable (Verdict) -> Void
    ) -> Task<Void, Never> {
        let handler = handler
        // Detached, so that it has no current span and no priority of a caller.
        return Task.detached {
            do {
                let result: ExportResult
                switch handler.call {
                case .spans(let export):
                    guard let batch, let spans = body.spans else {
                        let reason = "the exporter takes spans; for metrics, create it with an encoding"
                        return completion(.refused(.settings, reason: reason))
                    }
                    result = try await export(batch(spans))
                case .bodies(_, _, let export):
                    let content = ExportBody(
                        bytes: body.bytes,
                        encoding: body.encoding ?? .json,
                        isCompressed: body.isCompressed,
                        itemCount: body.spanCount,
                        path: path
                    )
                    result = try await export(content)
                }
                completion(result.verdict)
            } catch {
                // The reason contains only the type of the error. Its text may quote the batch or an address with a
                // key.
                completion(.again(after: nil, reason: "the exporter threw \(String(reflecting: type(of: error)))"))
            }
        }
    }
}
