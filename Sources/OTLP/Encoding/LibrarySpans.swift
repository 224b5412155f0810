import SpanKitRecording

/// The spans of a body whose scopes are those of libraries, grouped by scope, in the order in which the scopes first occur.
///
/// Most programs have none, so nothing is allocated until the first such span. Only one thread at a time may use it.
final class LibrarySpans {
    /// The spans of one scope.
    private final class Group {
        var frame: ScopeFrame
        @exclusivity(unchecked) var output = Output(capacity: 4_096)
        @exclusivity(unchecked) var json: JSONSpanWriter
        @exclusivity(unchecked) var protobuf = ProtobufSpanWriter()
        var count = 0
        /// The bytes of ``output`` before the last span.
        var lastSpan = 0

        init(_ frame: ScopeFrame, givesHints: Bool) {
            self.frame = frame
            json = JSONSpanWriter(givesHints: givesHints)
        }

        func removeAll() {
            output.truncate(to: 0)
            json.begin()
            count = 0
        }
    }

    private let encoding: Encoding
    private let program: InstrumentationScope
    private let givesHints: Bool
    /// The groups of the body in its order. Those of earlier bodies from the same source are only in ``groupsByNumber``.
    private var groups: [Group] = []
    private var groupsByNumber: [UInt32: Group] = [:]
    private var last: Group?
    @exclusivity(unchecked) private(set) var spanCount = 0
    @exclusivity(unchecked) private(set) var byteCount = 0

    /// - Parameter program: The scope for spans whose own is unknown.
    init(_ encoding: Encoding, program: InstrumentationScope, givesHints: Bool) {
        self.encoding = encoding
        self.program = program
        self.givesHints = givesHints
    }

    /// Call this before adding spans from another source, whose numbers mean other scopes.
    func forgetScopes() {
        removeAll()
        groupsByNumber = [:]
    }

    /// Starts another body.
    func removeAll() {
        guard !groups.isEmpty else { return }
        for group in groups { group.removeAll() }
        groups = []
        last = nil
        spanCount = 0
        byteCount = 0
    }

    func append(_ record: SpanRecord, _ source: any SpanSource) {
        let group = group(of: record, source)
        last = group
        group.lastSpan = group.output.count
        switch encoding {
        case .json:
            if group.count > 0 { group.output.write(",") }
            group.json.write(record, from: source, to: &group.output)
        case .protobuf: group.protobuf.write(record, tag: 0x12, from: source, to: &group.output)
        }
        group.count += 1
        spanCount += 1
        byteCount += group.output.count - group.lastSpan
    }

    /// Removes the span that was added last. It must not be called twice in a row.
    func removeLast() {
        guard let last else { return }
        byteCount -= last.output.count - last.lastSpan
        last.output.truncate(to: last.lastSpan)
        last.json.truncateHints(to: last.lastSpan)
        last.count -= 1
        spanCount -= 1
    }

    /// Writes the scopes with their spans.
    /// - Parameters:
    ///   - hints: Gets the hints of the spans.
    ///   - isFirst: Whether the body has no scope before.
    func write(to output: inout Output, hints: inout JSONSpanWriter, isFirst: Bool) {
        var isFirst = isFirst
        for group in groups where group.count > 0 {
            if encoding == .json, !isFirst { output.write(",") }
            isFirst = false
            group.frame.begin(&output)
            hints.add(hintsOf: group.json, offset: output.count)
            output.append(group.output.bytes)
            group.frame.finish(&output)
        }
    }

    private func group(of record: SpanRecord, _ source: any SpanSource) -> Group {
        let number = record.header.scope
        let known = groupsByNumber[number]
        if let known, known.count > 0 { return known }
        let group =
            known
            ?? Group(
                ScopeFrame(encoding, .spans, source.scope(of: number) ?? program),
                givesHints: givesHints
            )
        groupsByNumber[number] = group
        // A group that ``removeLast()`` has emptied is still in the body.
        if !groups.contains(where: { $0 === group }) { groups.append(group) }
        return group
    }
}
