import SpanKitPlatform
import SpanKitRecording
import SpanKitSummaries

/// Failures of any number of traces, grouped by service, operation and cause.
///
/// An error that is passed on to parent spans counts once, at the innermost span that failed. The memory grows with the number of
/// operations and causes, not of spans.
package struct FailureGroups: Sendable {
    package struct Key: Sendable, Hashable {
        /// The service's number in the ``NameTable``; ``NameTable/none`` if services are merged.
        package var service: UInt32
        /// The operation's number in the ``NameTable``.
        package var name: UInt32
        /// The type and the pattern of the message.
        package var cause: FailureCause
    }

    package struct Group: Sendable {
        package var key: Key
        package var count = 0
        /// The earliest and the latest start of a failed span in nanoseconds since 1970-01-01 UTC; `nil` if none has a start and an end.
        package var first: Int64?
        package var last: Int64?
        /// The trace and the span of the failure that started last.
        package var traceID: TraceID
        package var spanID: UInt64

        fileprivate mutating func add(_ span: TraceSpan, _ trace: TraceID) {
            count += 1
            guard span.hasTimes else { return }
            first = min(first ?? span.start, span.start)
            guard span.start > last ?? 0 else { return }
            last = span.start
            traceID = trace
            spanID = span.spanID
        }
    }

    /// The maximum number of groups. The failures of further causes are counted with an unknown cause.
    package static let groupLimit = 5_000

    private var groups: [Key: Group] = [:]
    private var runs: [OperationNumbers: Int] = [:]
    private let mergesServices: Bool
    /// The number of traces.
    package private(set) var traceCount = 0
    /// The number of traces with a failure.
    package private(set) var failedTraceCount = 0
    /// The number of failures.
    package private(set) var count = 0
    /// The number of failures whose cause is not shown because there were too many groups.
    package private(set) var ungroupedCount = 0

    /// The number of log records that describe a failure outside the spans of their trace. They are not counted as failures.
    package private(set) var failureCountOutsideSpans = 0

    /// A sentence about the ungrouped failures, without a full stop; `nil` if all failures are grouped.
    package var ungroupedSentence: String? {
        guard ungroupedCount > 0 else { return nil }
        let failures = "\(Readable.count(ungroupedCount)) of \(Readable.count(count, of: "failure", "is", "are"))"
        return
            "\(failures) shown as '(other causes)', because there are more than \(Readable.count(Self.groupLimit)) causes; read fewer "
            + "files at a time to see them"
    }

    /// - Parameter mergesServices: Whether operations with the same name are merged across services.
    package init(mergesServices: Bool = false) {
        self.mergesServices = mergesServices
    }

    /// Adds a trace whose spans were read with their causes. Only selected spans count.
    package mutating func add(_ trace: Trace) {
        traceCount += 1
        let earlier = count
        defer { if count > earlier { failedTraceCount += 1 } }
        failureCountOutsideSpans += trace.logsOutsideSpans.count(where: \.isFailure)
        let passedOn = Self.passedOn(trace)
        for (place, span) in trace.spans.enumerated() where span.isSelected {
            let operation = OperationNumbers(span, mergesServices: mergesServices)
            runs[operation, default: 0] += 1
            guard span.isError, !passedOn[place] else { continue }
            count += 1
            var key = Key(
                service: operation.service,
                name: operation.name,
                cause: span.cause ?? FailureCause(errorType: nil, message: nil)
            )
            if groups[key] == nil, groups.count >= Self.groupLimit {
                ungroupedCount += 1
                key.cause = FailureCause(errorType: nil, message: "(other causes)")
            }
            groups[key, default: Group(key: key, traceID: trace.id, spanID: span.spanID)].add(span, trace.id)
        }
    }

    /// Whether each span's failure counts at a selected span below it, from which it was passed on.
    private static func passedOn(_ trace: Trace) -> [Bool] {
        var passedOn = [Bool](repeating: false, count: trace.spans.count)
        for (place, _) in trace.preorder().reversed() where trace.spans[place].isError {
            let parent = trace.parents[place]
            if parent >= 0, trace.spans[place].isSelected || passedOn[place] { passedOn[parent] = true }
        }
        return passedOn
    }

    /// The traces that the groups name.
    var traceIDs: Set<TraceID> { Set(groups.values.lazy.map(\.traceID)) }

    /// The spans of a trace that the groups name.
    func spanIDs(in trace: TraceID) -> Set<UInt64> {
        Set(groups.values.lazy.filter { $0.traceID == trace }.map(\.spanID))
    }

    /// Whether spans of several services were added.
    package var hasServices: Bool { Set(runs.keys.lazy.map(\.service)).count > 1 }

    /// The number of runs of a group's operation.
    func runs(of group: Group) -> Int {
        runs[OperationNumbers(service: group.key.service, name: group.key.name)] ?? 0
    }

    /// The groups, the one with the most failures first.
    func sorted(names: NameTable) -> [Group] {
        func texts(_ group: Group) -> [ByteText] {
            [
                ByteText(names[group.key.service]), ByteText(names[group.key.name]),
                group.key.cause.errorType ?? ByteText(""), group.key.cause.message ?? ByteText(""),
            ]
        }
        return groups.values.map { (group: $0, texts: texts($0)) }.sorted { left, right in
            left.group.count != right.group.count
                ? left.group.count > right.group.count : left.texts.lexicographicallyPrecedes(right.texts)
        }
        .map(\.group)
    }
}
