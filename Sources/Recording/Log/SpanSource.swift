/// Where ended spans are read from: the log of this process, or what another process left behind.
package protocol SpanSource: AnyObject, Sendable {
    /// Hands out the spans that nobody has consumed, until `body` says false. A record is valid during the call only.
    /// - Returns: what was handed out and accepted.
    func read(_ body: (SpanRecord) -> Bool) -> [LogStretch]
    /// Notes in the source itself which spans a batch takes, where the stretches do not say it: before
    /// ``ConsumptionJournal/begin(batch:_:)``, and of no effect until then.
    func mark(_ stretches: [LogStretch], batch: UInt64)
    /// Takes what was read out of the source.
    func consume(_ stretches: [LogStretch])
    /// The bytes behind a number of the string table, valid as long as the source; empty for an unknown number.
    func text(of number: UInt32) -> UnsafeRawBufferPointer
}

extension SpanSource {
    package func mark(_ stretches: [LogStretch], batch: UInt64) {}
}

/// What was read of a source of spans, and is to be consumed.
package enum LogStretch: Sendable, Equatable {
    /// A chunk of a log up to a place behind its header. The sequence says in which use of the chunk: it may have been recycled
    /// since.
    case chunk(index: UInt32, sequence: UInt64, end: UInt64)
    /// The live slots of a process that is gone, up to this one.
    case slots(upTo: UInt64)
    /// So many of the spans that a source has chosen itself, in its order.
    case chosen(Int)

    /// How many ``chosen(_:)`` means; 0 for what a log has handed out.
    package var chosenCount: Int { if case .chosen(let count) = self { count } else { 0 } }

    static func chunk(_ chunk: UnsafeMutablePointer<ChunkHeader>, upTo end: Int) -> LogStretch {
        .chunk(index: chunk.index, sequence: chunk.sequence.pointee.load(ordering: .relaxed), end: UInt64(end))
    }
}
