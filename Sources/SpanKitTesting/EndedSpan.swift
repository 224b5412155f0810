import SpanKitRecording

/// An ended span of a test, with its parent and its children. It has all members of `RecordedSpan`, such as `status`, `kind`, `events`
/// and `duration`.
///
/// It is a copy, and does not change after ``SpanRecorder/spans`` has returned it.
@dynamicMemberLookup
public struct EndedSpan: Sendable, CustomStringConvertible {
    let forest: SpanForest
    let place: Int

    /// The span as it was recorded.
    public var record: RecordedSpan { forest.records[place] }

    /// A property of the recorded span.
    public subscript<Value>(dynamicMember property: KeyPath<RecordedSpan, Value>) -> Value { record[keyPath: property] }

    /// The parent; nil for a root, and for a parent that has not ended or belongs to another test.
    public var parent: EndedSpan? { forest.parents[place].map { EndedSpan(forest: forest, place: $0) } }

    /// The children that have ended, ordered by start time.
    public var children: [EndedSpan] { forest.children[place].map { EndedSpan(forest: forest, place: $0) } }

    /// The log lines that were logged while this was the innermost span.
    public var logs: [RecordedLog] { forest.logs.filter { $0.span?.spanID == record.context.spanID } }

    /// The errors that the span recorded as events named `exception`, in order.
    public var errors: [RecordedError] {
        record.events.filter { $0.name == "exception" }.map { event in
            RecordedError(
                type: event.attributes["exception.type", as: String.self] ?? "",
                message: event.attributes["exception.message", as: String.self] ?? ""
            )
        }
    }

    /// The span and its descendants as text, as for ``Swift/Array/tree``.
    public var tree: String { lines.joined(separator: "\n") }
}

/// An error that a span recorded.
public struct RecordedError: Sendable, Hashable {
    /// The name of the error's type with its module, such as `Shop.CardDeclined`.
    public var type: String
    /// The text of the error; empty if the span recorded none. Spans of a `PerformanceProfiler` record it only with
    /// `recordError(_:includingMessage: true)`.
    public var message: String
}

/// The spans of a recorder at one time.
final class SpanForest: Sendable {
    let records: [RecordedSpan]
    let parents: [Int?]
    let children: [[Int]]
    let logs: [RecordedLog]
    let recorder: SpanRecorder

    init(_ unordered: [RecordedSpan], logs: [RecordedLog], of recorder: SpanRecorder) {
        let records = unordered.sorted { $0.startUnixNanoseconds < $1.startUnixNanoseconds }
        let places = Dictionary(
            records.indices.map { (records[$0].context.spanID, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let parents = records.map { record in record.parentSpanID.flatMap { places[$0] } }
        var children: [[Int]] = Array(repeating: [], count: records.count)
        for (place, parent) in parents.enumerated() { if let parent { children[parent].append(place) } }
        (self.records, self.parents, self.children, self.logs) = (records, parents, children, logs)
        self.recorder = recorder
    }

    var spans: [EndedSpan] { records.indices.map { EndedSpan(forest: self, place: $0) } }
}

extension [EndedSpan] {
    /// The spans with this name.
    public func named(_ name: String) -> [EndedSpan] { filter { $0.name == name } }

    /// The only span with this name.
    /// - Throws: ``SpanExpectationError``, which shows all spans, unless there is exactly one.
    public func single(_ name: String, fileID: String = #fileID, line: UInt = #line) throws -> EndedSpan {
        let found = named(name)
        if found.count == 1 { return found[0] }
        let problem = "expected 1 span named '\(name)', found \(found.count)"
        throw SpanExpectationError(problem, markedLines, of: recorder, at: (fileID, line))
    }

    /// The spans as text, in the format of ``expectTree(_:fileID:line:)``: one line for each span, and children indented by two
    /// spaces. Roots and siblings are ordered by start time.
    public var tree: String { roots.flatMap(\.lines).joined(separator: "\n") }

    /// The lines of ``tree`` for an error, without marks.
    var markedLines: [String] { roots.flatMap(\.lines).map { "  \($0)" } }

    var recorder: SpanRecorder? { first?.forest.recorder ?? .current }

    /// The spans whose parents are not in the array.
    var roots: [EndedSpan] {
        let places = Set(map(\.place))
        return filter { span in span.forest.parents[span.place].map { !places.contains($0) } ?? true }
    }
}
