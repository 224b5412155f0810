/// A source of records of one signal: a log of this process, or a region that another process left.
package protocol RecordSource: AnyObject, Sendable {
    /// Marks the records of a batch in the source, if the stretches do not identify them. Call it before
    /// ``ConsumptionJournal/begin(batch:_:)``; until then the marks have no effect.
    func mark(_ stretches: [LogStretch], batch: UInt64)
    /// Removes records that were read from the source.
    func consume(_ stretches: [LogStretch])
    /// The text for a number of the string table; empty for an unknown number. It is valid as long as the source.
    func text(of number: UInt32) -> UnsafeRawBufferPointer
}

extension RecordSource {
    package func mark(_ stretches: [LogStretch], batch: UInt64) {}
}

/// A source of ended spans.
package protocol SpanSource: RecordSource {
    /// Calls `body` with each span that was not consumed, until it returns false. A record is valid only during the call.
    /// - Returns: The spans that `body` accepted, for ``RecordSource/consume(_:)``.
    func read(_ body: (SpanRecord) -> Bool) -> [LogStretch]
    /// The scope for a number in a span's header; nil for 0, the scope of the program, and for unknown numbers.
    func scope(of number: UInt32) -> InstrumentationScope?
}

/// A source of log records.
package protocol LogRecordSource: RecordSource {
    /// Calls `body` with each record that was not consumed, until it returns false. A record is valid only during the call.
    /// - Returns: The records that `body` accepted, for ``RecordSource/consume(_:)``.
    func read(_ body: (LogRecordView) -> Bool) -> [LogStretch]
}

/// A part of a source of records that was read and can be consumed.
package enum LogStretch: Sendable, Equatable {
    /// A chunk of a log, up to an offset after its header. The sequence identifies the use of the chunk, which may have been
    /// reused since.
    case chunk(index: UInt32, sequence: UInt64, end: UInt64)
    /// The live slots of a process that has ended, up to and including the slot with this index.
    case slots(upTo: UInt64)
    /// The next spans of a source that chooses their order itself; the value is their number.
    case chosen(Int)

    /// The number of spans of ``chosen(_:)``; 0 for the other cases.
    package var chosenCount: Int { if case .chosen(let count) = self { count } else { 0 } }

    static func chunk(_ chunk: UnsafeMutablePointer<ChunkHeader>, upTo end: Int) -> LogStretch {
        .chunk(index: chunk.index, sequence: chunk.sequence.pointee.load(ordering: .relaxed), end: UInt64(end))
    }
}
