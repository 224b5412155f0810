import SpanKitRecording
import SpanKitSummaries

/// The traces that can be explored on the HTML page, as the JSON that its script reads.
///
/// All durations, self times and critical paths are computed here. The script only draws them.
package struct PageData: Sendable {
    /// The maximum number of spans; see ``KeptTraces``.
    static let spanLimit = 200_000
    /// The maximum size of an attribute's value in bytes.
    package static let longestValue = 4_096

    /// The number of traces on the page.
    let traceCount: Int
    /// What the page leaves out, one sentence each.
    let notes: [String]
    /// The JSON on one line. It is safe inside an HTML script element.
    let json: String

    /// - Parameters:
    ///   - named: The traces that the page refers to.
    ///   - median: The median duration of all traces in nanoseconds.
    ///   - longestValue: The maximum size of a value in bytes; `nil` for no limit.
    init(_ kept: KeptTraces, named: Set<TraceID>, median: Double?, names: NameTable, longestValue: Int?) {
        let entries = kept.traces(keeping: named)
        var texts = PairTable(longestValue: longestValue)
        var spans = SpanColumns()
        var (ids, starts, durations, roots) = (JSONColumn(), JSONColumn(), JSONColumn(), JSONColumn())
        var (counts, wholeCounts, errors) = (JSONColumn(), JSONColumn(), JSONColumn())
        let origin = entries.lazy.filter(\.hasTimes).map(\.trace.start).min() ?? 0
        for entry in entries {
            ids.append("\(entry.trace.id)")
            starts.append(entry.hasTimes ? entry.trace.start - origin : -1)
            durations.append(entry.trace.duration)
            roots.append(entry.rootPosition)
            counts.append(entry.spanCount)
            wholeCounts.append(entry.trace.spans.count)
            errors.append(entry.trace.errorCount)
            spans.add(entry, names, &texts)
        }
        traceCount = entries.count
        notes = Self.notes(kept, entries, cutCount: texts.cutCount)
        var services = JSONColumn()
        for name in spans.serviceNames { services.append(texts.number(of: name)) }
        var colours = JSONColumn()
        for colour in ServicePalette.colours(of: spans.serviceNames) { colours.append(colour ?? -1) }
        let typical = median.map { median in
            entries.indices.min { abs(entries[$0].duration - median) < abs(entries[$1].duration - median) } ?? 0
        }
        let members: [(String, String)] =
            [
                ("schema", "\"spankit.page/1\""), ("origin", "\"\(origin)\""), ("typical", "\(typical ?? 0)"),
                ("traceIDs", ids.json), ("traceStarts", starts.json), ("traceDurations", durations.json),
                ("traceRoots", roots.json), ("traceSpans", counts.json), ("traceAllSpans", wholeCounts.json),
                ("traceErrors", errors.json), ("serviceTexts", services.json), ("serviceColours", colours.json),
            ] + spans.members + texts.members + [("texts", texts.textsJSON)]
        json = "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
    }

    /// The document of one trace whose spans were read with the detail level `page`, for a page that a server sends. Nothing is left out.
    package static func document(of trace: Trace, names: NameTable) -> String {
        var kept = KeptTraces(limit: .max)
        kept.add(trace)
        return PageData(kept, named: [], median: nil, names: names, longestValue: nil).json
    }

    private static func notes(_ kept: KeptTraces, _ entries: [KeptTraces.Entry], cutCount: Int) -> [String] {
        var notes: [String] = []
        let remedy = "--complete includes everything."
        if entries.count < kept.traceCount {
            notes.append(
                "\(Readable.count(entries.count)) of \(Readable.count(kept.traceCount, of: "trace")) can be explored on the page: "
                    + "the slowest, those that the errors name, and a random sample. All of them are counted in the tables. \(remedy)"
            )
        }
        let cut = entries.filter { $0.shown != nil }
        if !cut.isEmpty {
            let left = cut.reduce(0) { $0 + $1.trace.spans.count - $1.spanCount }
            notes.append(
                "\(Readable.count(left, of: "short span", "is", "are")) not shown in \(Readable.count(cut.count, of: "large trace")). \(remedy)"
            )
        }
        if cutCount > 0 {
            notes.append(
                "\(Readable.count(cutCount, of: "text", "is", "are")) cut after \(Readable.count(longestValue)) bytes. \(remedy)"
            )
        }
        return notes
    }
}

extension KeptTraces.Entry {
    fileprivate var hasTimes: Bool { trace.spans.first?.hasTimes == true }
    fileprivate var duration: Double { Double(trace.duration) }

    /// The position of the main root among the spans on the page, parents first.
    fileprivate var rootPosition: Int {
        guard let root = trace.mainRoot else { return 0 }
        let order = trace.preorder().lazy.map(\.place).filter { shown?.contains($0) ?? true }
        return order.enumerated().first { $0.element == root }?.offset ?? 0
    }
}
