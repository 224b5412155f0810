import SpanKitCLI
import SpanKitPlatform
import SpanKitReports
import SpanKitStore
import SpanKitSummaries

/// `spankit serve --tail`: a line for each trace that ends, and for each of its causes of failure.
struct TraceTail: Sendable {
    private let store: Store
    private let output: StandardStream

    /// - Parameter output: Where the lines are written.
    init(_ backend: Backend, output: StandardStream) {
        store = backend.store
        self.output = output
    }

    /// Prints until the task is cancelled.
    func run() async {
        var watch = TraceWatch(store)
        while !Task.isCancelled {
            do {
                let traces = try await watch.next()
                for trace in traces { output.write(try await lines(of: trace)) }
                if traces.count == TraceWatch.limit {
                    StandardStreams.note("more than \(TraceWatch.limit) traces ended at once; only those are shown")
                }
                try await Task.sleep(for: TraceWatch.interval)
            } catch is CancellationError {
                return
            } catch {
                guard !Task.isCancelled else { return }
                StandardStreams.note("the store could not be read: \(error)")
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func lines(of trace: TraceRow) async throws -> String {
        var style = output.traceStyle
        style.zone = .local
        var lines = TailLines(style: style).line(of: trace)
        guard trace.errorCount > 0 else { return lines }
        let report: FailureReport? = try await store.read { db in
            let (traces, names) = try TraceReading.traces([trace], .init(.typed, readsLogs: true), in: db)
            var failures = FailureGroups()
            for trace in traces { failures.add(trace) }
            return failures.count == 0 ? nil : FailureReport(failures, names: names, limit: TailLines.causeLimit)
        }
        lines += report.map { TailLines(style: style).causes($0) } ?? ""
        return lines
    }
}

/// The lines of ended traces for a terminal. Control characters of recorded texts are escaped.
struct TailLines {
    /// The number of causes of failure that are shown of a trace.
    static let causeLimit = 3

    let style: TerminalStyle

    /// Time, duration, root, service, numbers of spans and errors, and id.
    func line(of trace: TraceRow) -> String {
        let isBad = trace.errorCount > 0
        let time = trace.start > 0 ? Readable.moment(trace.start, in: style.zone) : "no time"
        var facts = [Readable.count(trace.spanCount, of: "span")]
        if isBad { facts.append(Readable.count(trace.errorCount, of: "error")) }
        if let tokens = trace.tokens { facts.append(Readable.count(Int(clamping: tokens), of: "token")) }
        if trace.isOrphan { facts.append("root not received") }
        let service = trace.services.isEmpty ? [trace.service] : trace.services
        let names = service.prefix(3).map { OperationKey.text(ofService: $0) }.joined(separator: ", ")
        let parts = [
            style.paint(style.printable(time), .quiet),
            padLeft(Readable.duration(UInt64(clamping: trace.duration)), 8),
            style.paint(style.printable(trace.name.cut(toBytes: 200)), isBad ? .bad : .normal),
            style.paint(style.printable(names), .quiet),
            style.paint(style.printable(facts.joined(separator: " · ")), isBad ? .bad : .quiet),
            style.paint("trace \(trace.id)", .quiet),
        ]
        return parts.joined(separator: "  ") + "\n"
    }

    /// A line for each cause.
    func causes(_ report: FailureReport) -> String {
        report.causes.map { cause in
            let line = "    \(cause.operation): \(cause.text)" + (cause.count > 1 ? " (\(cause.count) times)" : "")
            return style.paint(style.printable(line), .bad) + "\n"
        }
        .joined()
    }
}
