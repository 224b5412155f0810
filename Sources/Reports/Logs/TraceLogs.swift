import SpanKitRecording

/// The log records of a trace, each with its span.
///
/// If several spans have the id that a record names, the record belongs to the span of its own service, or else to the earliest one.
struct TraceLogs: Sendable {
    /// The records, sorted by span and then by time. Records without a span, or whose span is missing, are at the end.
    /// Records without a time follow those with one.
    let records: [TraceLog]
    /// The number of records that were left out because all of their decoded values equal those of another one. Those without a time are never
    /// left out.
    let repeatedCount: Int
    /// The start of each span's records, the start of the records without a span, and the end.
    private let starts: [Int]

    init(_ logs: [TraceLog], of spans: [TraceSpan]) {
        guard !logs.isEmpty else {
            (records, repeatedCount, starts) = ([], 0, [])
            return
        }
        var places: [UInt64: [Int]] = [:]
        for (place, span) in spans.enumerated() { places[span.spanID, default: []].append(place) }
        func place(_ log: TraceLog) -> Int {
            guard log.spanID != 0, let candidates = places[log.spanID] else { return spans.count }
            return candidates.first { spans[$0].service == log.service } ?? candidates[0]
        }
        func time(_ log: TraceLog) -> Int64 { log.time > 0 ? log.time : .max }
        var ordered = logs.enumerated().map { (place: place($1), time: time($1), number: $0, log: $1) }
        ordered.sort { ($0.place, $0.time, $0.number) < ($1.place, $1.time, $1.number) }
        var records: [TraceLog] = []
        var starts: [Int] = []
        var latest: Set<Int> = []
        for entry in ordered {
            let isNewSpan = starts.count <= entry.place
            while starts.count <= entry.place { starts.append(records.count) }
            if isNewSpan || records.last?.time != entry.log.time { latest.removeAll(keepingCapacity: true) }
            guard entry.log.time == 0 || latest.insert(entry.log.fingerprint).inserted else { continue }
            records.append(entry.log)
        }
        while starts.count <= spans.count + 1 { starts.append(records.count) }
        self.records = records
        self.starts = starts
        repeatedCount = logs.count - records.count
    }

    /// The records of a span by time; those without a span if the place is the number of spans.
    func at(_ place: Int) -> ArraySlice<TraceLog> {
        starts.isEmpty ? [] : records[starts[place]..<starts[place + 1]]
    }
}
