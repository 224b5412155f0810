/// A record of the log, where it is. Valid as long as its bytes.
package struct LogRecord {
    /// Dropped, or taken by a batch that is in no file: a ``mark``.
    static let taken = UInt32.max

    fileprivate let address: UnsafeMutableRawPointer
    /// Bytes that the record takes.
    let count: Int

    @inline(__always)
    fileprivate init(_ address: UnsafeMutableRawPointer, count: Int) {
        self.address = address
        self.count = count
    }

    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: address, count: count) }

    var start: UnsafeRawPointer { UnsafeRawPointer(address) }

    /// The number of the batch that takes the record out of its turn, ``taken``, or 0: the record waits.
    ///
    /// Readers that take records in another order than the log's, such as tail sampling, mark them, and consume what is marked from
    /// the start of a chunk on. A mark counts from the moment the journal has begun its batch, so that a crash leaves a span either
    /// in the log or in a body, whatever the order (``ConsumptionJournal``). Batches beyond four billion would have to share
    /// numbers: at a thousand a second that is after fifty days, and matters only to a crash in that moment.
    var mark: UInt32 {
        get { address.loadUnaligned(fromByteOffset: RecordHeader.markOffset, as: UInt32.self) }
        nonmutating set { address.storeBytes(of: newValue, toByteOffset: RecordHeader.markOffset, as: UInt32.self) }
    }

    /// The operation in the percentile engine of the process that wrote it.
    var operation: UInt32 { address.loadUnaligned(fromByteOffset: RecordHeader.operationOffset, as: UInt32.self) }
}

/// Walks over the records of a chunk, one after another, without copying them: of this process's log, of another's, or of a copy.
///
/// Trusts no length in them. It ends before a record that is too short for one or reaches beyond the bytes, because nothing behind
/// it can be found.
package struct RecordWalk {
    private let content: UnsafeMutableRawPointer
    private let end: Int
    /// Where the next record begins.
    package private(set) var offset: Int

    /// - Parameters:
    ///   - content: the first byte behind the chunk's header.
    ///   - offset: where a record begins.
    ///   - end: where committed records end.
    @inline(__always)
    package init(_ content: UnsafeMutableRawPointer, from offset: Int = 0, to end: Int) {
        self.content = content
        self.offset = offset
        self.end = end
    }

    @inline(__always)
    package mutating func next() -> LogRecord? {
        guard end - offset >= RecordHeader.bytes else { return nil }
        let address = content + offset
        let count = Int(address.loadUnaligned(as: UInt32.self))
        guard count >= RecordHeader.bytes, count <= end - offset else { return nil }
        offset += count
        return LogRecord(address, count: count)
    }
}

extension UnsafeMutablePointer<ChunkHeader> {
    /// The records between two places behind the header.
    @inline(__always)
    func records(from start: Int = 0, to end: Int) -> RecordWalk { RecordWalk(content, from: start, to: end) }

    /// A record at a place behind the header; nil where there is none, as in a chunk whose memory was given back.
    func record(at offset: Int) -> LogRecord? {
        var walk = records(from: offset, to: ThreadRecorder.chunkBytes)
        return walk.next()
    }
}
