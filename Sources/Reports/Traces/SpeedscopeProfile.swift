/// A trace in the file format of https://www.speedscope.app, as "evented" profiles.
///
/// In such a profile, spans have to be nested. A span that overlaps its siblings or extends beyond its parent is
/// therefore written to another profile. The first profile contains the main path of the trace.
package struct SpeedscopeProfile: Sendable {
    /// The maximum number of profiles. Spans that would need more are left out.
    private static let laneLimit = 64

    private struct Lane {
        var events: [JSONText] = []
        /// The open spans, the innermost last.
        var open: [(place: Int, frame: Int, end: Int64)] = []
        var start: Int64
        var end: Int64
    }

    /// The content of the file.
    package let json: JSONText
    /// The number of spans that were left out.
    package let leftOutCount: Int

    package init(_ trace: Trace, names: NameTable) {
        var frames: [OperationNumbers: Int] = [:]
        let hasServices = Set(trace.spans.lazy.map(\.service)).count > 1
        var frameNames: [JSONText] = []
        var lanes: [Lane] = []
        var laneOfSpan = [Int](repeating: -1, count: trace.spans.count)
        var leftOut = 0
        // Spans are sorted by start.
        for (place, span) in trace.spans.enumerated() {
            let operation = OperationNumbers(span)
            let frame = frames[operation] ?? frameNames.count
            if frames[operation] == nil {
                frames[operation] = frame
                let name = hasServices ? operation.key(names).description : names[span.name]
                frameNames.append(.object([("name", .string(name))]))
            }
            guard let lane = Self.lane(for: place, in: trace, laneOfSpan, &lanes) else {
                leftOut += 1
                continue
            }
            laneOfSpan[place] = lane
            lanes[lane].events.append(Self.event("O", frame, span.start - trace.start))
            lanes[lane].open.append((place, frame, span.end))
            lanes[lane].end = max(lanes[lane].end, span.end)
        }
        for lane in lanes.indices { Self.close(&lanes[lane], upTo: .max, trace.start) }
        leftOutCount = leftOut
        let title = trace.mainRoot.map { names[trace.spans[$0].name] } ?? "trace"
        let profiles = lanes.enumerated().map { number, lane in
            JSONText.object([
                ("type", .string("evented")), ("name", .string(number == 0 ? title : "\(title), beside \(number)")),
                ("unit", .string("nanoseconds")), ("startValue", .number(Double(lane.start - trace.start))),
                ("endValue", .number(Double(lane.end - trace.start))), ("events", .list(lane.events)),
            ])
        }
        json = .object([
            ("$schema", .string("https://www.speedscope.app/file-format-schema.json")),
            ("exporter", .string("spankit")), ("name", .string("\(title) \(trace.id)")),
            ("activeProfileIndex", .number(0)),
            ("shared", .object([("frames", .list(frameNames))])), ("profiles", .list(profiles)),
        ])
    }

    /// Finds the lane for a span: the lane of its parent, or one in which no span is open.
    private static func lane(for place: Int, in trace: Trace, _ laneOfSpan: [Int], _ lanes: inout [Lane]) -> Int? {
        let span = trace.spans[place]
        let parent = trace.parents[place]
        if parent >= 0, laneOfSpan[parent] >= 0, span.end <= trace.spans[parent].end {
            let lane = laneOfSpan[parent]
            close(&lanes[lane], upTo: span.start, trace.start, keeping: parent)
            if lanes[lane].open.last?.place == parent { return lane }
        }
        for lane in lanes.indices {
            close(&lanes[lane], upTo: span.start, trace.start)
            if lanes[lane].open.isEmpty { return lane }
        }
        guard lanes.count < laneLimit else { return nil }
        lanes.append(Lane(start: span.start, end: span.end))
        return lanes.count - 1
    }

    private static func close(_ lane: inout Lane, upTo time: Int64, _ start: Int64, keeping kept: Int = -1) {
        while let last = lane.open.last, last.end <= time, last.place != kept {
            lane.events.append(event("C", last.frame, last.end - start))
            lane.open.removeLast()
        }
    }

    private static func event(_ type: String, _ frame: Int, _ at: Int64) -> JSONText {
        .object([("type", .string(type)), ("frame", .number(Double(frame))), ("at", .number(Double(at)))])
    }
}
