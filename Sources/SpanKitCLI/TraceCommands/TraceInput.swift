import ArgumentParser
import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitReports
import SpanKitSummaries

typealias SpanSink = SourceSink<PreparedSpans>

/// The input of the commands that read traces.
struct TraceInput: ParsableArguments {
    @OptionGroup var source: SourceOptions
    @OptionGroup var selection: SelectionOptions

    var files: [String] { source.files }
    var spool: String? { source.spool }
    /// The address of the server without a token.
    var serverName: String? { (try? source.server.address())?.description }

    /// Passes all spans on, and reports on standard error what cannot be read.
    /// - Parameter wanted: What is selected afterwards.
    /// - Returns: The results files, each with its content.
    /// - Throws: ``CommandFailure`` with status 65 if there is neither a span nor a results file.
    func readRuns(
        selecting wanted: SpanSelection,
        acceptsResults: Bool = true,
        _ sink: SpanSink
    ) throws -> [RunInput.File] {
        try source.read(
            acceptsResults: acceptsResults,
            checkResults: selection.rejectResults,
            selecting: wanted,
            sink
        )
    }

    /// The selection. A server sends only traces with a selected span.
    func wanted() throws(CommandFailure) -> SpanSelection {
        var wanted = try selection.selection()
        wanted.isPreselected = source.server.server != nil
        return wanted
    }

    /// How a command uses a selection of spans.
    enum Scope {
        /// Only the selected spans count. The other spans of their traces are passed on because times depend on them.
        case spans
        /// If a trace contains a selected span, all of its spans count.
        case traces
    }

    /// Passes every trace with a selected span to a closure.
    func assemble(
        _ scope: Scope,
        details: TraceSpan.DetailLevel = .none,
        readsLogs: Bool = false,
        _ body: @escaping (Trace, NameTable) -> Void
    ) throws -> TraceAssembler {
        let wanted = try wanted()
        return try Self.assemble(
            wanted,
            scope,
            details: details,
            readsLogs: readsLogs,
            zone: selection.zone,
            from: { _ = try readRuns(selecting: wanted, acceptsResults: false, $0) },
            body
        )
    }

    /// Assembles traces from the spans of a source and passes those with a selected span to a closure. Reports on standard error
    /// what is left out.
    /// - Parameters:
    ///   - readsLogs: Whether log records are read, as parts of their traces.
    ///   - zone: The zone of times in messages.
    ///   - run: The name of the run in messages, if there are several.
    ///   - metrics: Receives metrics; `nil` if only spans are read.
    static func assemble(
        _ wanted: SpanSelection,
        _ scope: Scope,
        details: TraceSpan.DetailLevel = .none,
        grouping: SpanGrouping? = nil,
        readsLogs: Bool = false,
        zone: DisplayZone,
        run: String? = nil,
        metrics: ((DecodedMetric) -> Void)? = nil,
        from source: (SpanSink) throws -> Void,
        _ body: @escaping (Trace, NameTable) -> Void
    ) throws -> TraceAssembler {
        var selection = wanted
        var assembler = TraceAssembler(details: details, grouping: grouping)
        var selectedCount = 0
        func deliver(_ trace: Trace, _ names: NameTable) {
            guard trace.hasSelection else { return }
            selectedCount += 1
            body(scope == .traces && wanted.selectsSpans ? trace.selectingAll : trace, names)
        }
        let addMetric: @Sendable (inout PreparedSpans, DecodedMetric) -> Void = { $0.add($1) }
        let addLog: @Sendable (inout PreparedSpans, DecodedLog) -> Void = { $0.add($1) }
        let reader = ParallelReader<PreparedSpans>(
            make: { PreparedSpans(wanted, details: details, grouping: grouping) },
            add: { $0.add($1) },
            addMetric: metrics == nil ? nil : addMetric,
            addLog: readsLogs ? addLog : nil
        )
        try source(
            SpanSink(reader: reader) { spans in
                selection.add(spans)
                assembler.add(spans, deliver)
                for metric in spans.metrics { metrics?(metric) }
            }
        )
        assembler.finish(deliver)
        try selection.checkTrace()
        selection.leaveOutRepeated(of: assembler)
        assembler.reportProblems()
        for (service, namespaces) in assembler.servicesOfSeveralNamespaces {
            StandardStreams.note(
                "service '\(service)' is in \(namespaces.count) namespaces (\(namespaces.prefix(5).joined(separator: ", "))), which "
                    + "count as one; select one with --where 'service.namespace=\(namespaces[0])'"
            )
        }
        selection.report(
            traceCounts: scope == .traces ? (selectedCount, assembler.traceCount) : nil,
            run: run,
            zone: zone
        )
        return assembler
    }

    /// Reads the slowest of the traces with a selected span.
    func readTrace(details: TraceSpan.DetailLevel = .folded, readsLogs: Bool = false) throws -> (Trace, NameTable) {
        var slowest = SlowestTraces(limit: 1) { $0 }
        let names = try assemble(.traces, details: details, readsLogs: readsLogs) { trace, _ in slowest.add(trace) }
            .names
        guard let trace = slowest.traces.first else {
            throw CommandFailure(.data, "no trace contains a span that matches")
        }
        return (trace, names)
    }
}

extension MergedTexts {
    /// Reports on standard error which names, services or values are merged because there are too many.
    func report() {
        if let sentence { StandardStreams.note(sentence) }
    }
}

extension TraceAssembler {
    /// Reports on standard error what the numbers leave out.
    /// - Parameters:
    ///   - untimed: What happens to spans without times.
    ///   - showsNames: Whether the output contains names from the assembler's table.
    func reportProblems(untimed: String = "counted, but not included in any duration", showsNames: Bool = true) {
        if partedTraceCount > 0 {
            let parted = (isPartedLowerBound ? "at least " : "") + Readable.count(partedTraceCount)
            let all = Readable.count(traceCount - laterPartCount, of: "trace")
            StandardStreams.note(
                "\(parted) of \(all) \(partedTraceCount == 1 ? "was" : "were") evaluated before all spans of \(partedTraceCount == 1 ? "it" : "them") were "
                    + "read, to limit memory; the later spans count as separate traces"
            )
        } else if isPartedLowerBound {
            StandardStreams.note(
                "more than \(Readable.count(TraceAssembler.earlyLimit)) traces were evaluated before the end of the input, to limit memory; "
                    + "later spans of some of them may count as separate traces; read fewer files at a time"
            )
        }
        if showsNames { for merged in mergedTexts { merged.report() } }
        if duplicateCount > 0 {
            let spans = Readable.count(duplicateCount, of: "repeated span", "was", "were")
            StandardStreams.note("\(spans) left out: equal to another span in all values")
        }
        if leftOutLogs.repeatedCount > 0 {
            let records = Readable.count(leftOutLogs.repeatedCount, of: "repeated log record", "was", "were")
            StandardStreams.note("\(records) left out: equal to another record in all values")
        }
        if leftOutLogs.lateCount > 0 {
            let records = Readable.count(leftOutLogs.lateCount, of: "log record", "is", "are")
            StandardStreams.note(
                "\(records) left out: read after the other parts of the trace were evaluated, to limit memory; give the files of log records first"
            )
        }
        if untimedCount > 0 {
            let spans = Readable.count(untimedCount, of: "span", "has", "have")
            let names = untimedNames.map(\.quoted).joined(separator: ", ")
            StandardStreams.note(
                "\(spans) no start or no end (\(names)); \(untimedCount == 1 ? "it is" : "they are") \(untimed)"
            )
        }
    }
}
