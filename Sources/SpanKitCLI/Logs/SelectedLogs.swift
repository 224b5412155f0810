import SpanKitInputs
import SpanKitPlatform
import SpanKitReports
import SpanKitSummaries

/// The selected log records of a part of the input.
struct SelectedLogs: SourceProduct {
    private(set) var logs: [DecodedLog] = []
    /// The selection, which has counted the records.
    private(set) var selection: SpanSelection
    private(set) var elementCount = 0
    /// The number of spans.
    private(set) var otherCount = 0
    /// The number of records without a level.
    private(set) var unspecifiedCount = 0

    static var isOfLogs: Bool { true }
    static var otherAdvice: String { "show its spans with 'spankit tree' or 'spankit top'" }

    /// - Parameter selection: The selection, which must not have counted any records.
    init(_ selection: SpanSelection) {
        self.selection = selection
    }

    mutating func add(_ log: DecodedLog) {
        elementCount += 1
        if log.severity == 0 { unspecifiedCount += 1 }
        if selection.part(of: log) == .selected { logs.append(log) }
    }

    mutating func add(_ span: DecodedSpan) { otherCount += 1 }

    /// A reader of parts with this selection.
    static func reader(_ selection: SpanSelection) -> ParallelReader<SelectedLogs> {
        ParallelReader(
            make: { SelectedLogs(selection) },
            add: { $0.add($1) },
            addLog: { $0.add($1) }
        )
    }
}

/// What a command has read of log records so far, and the notes about what it leaves out.
struct LogTally {
    private(set) var selection: SpanSelection
    private var spanCount = 0
    private var unspecifiedCount = 0
    private let hasLevel: Bool

    /// - Parameter hasLevel: Whether records are selected by their level.
    init(_ selection: SpanSelection, hasLevel: Bool) {
        self.selection = selection
        self.hasLevel = hasLevel
    }

    mutating func add(_ part: SelectedLogs) {
        selection.add(part.selection)
        spanCount += part.otherCount
        unspecifiedCount += part.unspecifiedCount
    }

    /// Reports on standard error how much was selected, and what is left out.
    func report(zone: DisplayZone) {
        selection.report(of: .logs, zone: zone)
        if hasLevel, unspecifiedCount > 0 {
            let records = Readable.count(unspecifiedCount, of: "log record", "has", "have")
            StandardStreams.note(
                "\(records) no level, so --severity leaves \(unspecifiedCount == 1 ? "it" : "them") out"
            )
        }
        if spanCount > 0 {
            StandardStreams.note(
                "\(Readable.count(spanCount, of: "span", "is", "are")) left out; only log records are listed"
            )
        }
    }
}
