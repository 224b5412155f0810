/// A record in a chunk of a log, without a copy of its bytes.
package struct ChunkRecord {
    /// The ``mark`` of a record that was dropped, or taken by a batch that is not written to a file.
    static let taken = UInt32.max

    fileprivate let address: UnsafeMutableRawPointer
    /// Bytes of the record.
    let count: Int

    @inline(__always)
    fileprivate init(_ address: UnsafeMutableRawPointer, count: Int) {
        self.address = address
        self.count = count
    }

    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: address, count: count) }

    var start: UnsafeRawPointer { UnsafeRawPointer(address) }

    /// The number of the batch that takes the record out of order, or ``taken``, or 0 for a record that waits.
    ///
    /// Tail sampling takes records in another order than the log's. It marks them, and consumes marked records from the start of
    /// each chunk. A mark takes effect when the journal begins its batch, so after a crash each span is either in the log or in a
    /// body (``ConsumptionJournal``). Numbers repeat after four billion batches, 50 days at a thousand batches a second. That
    /// matters only if the process crashes at that moment.
    var mark: UInt32 {
        get { address.loadUnaligned(fromByteOffset: RecordHeader.markOffset, as: UInt32.self) }
        nonmutating set { address.storeBytes(of: newValue, toByteOffset: RecordHeader.markOffset, as: UInt32.self) }
    }

    /// The operation in the percentile engine of the process that wrote the record.
    var operation: UInt32 { address.loadUnaligned(fromByteOffset: RecordHeader.operationOffset, as: UInt32.self) }
}

/// A record of one signal in a log of this process, made from its bytes.
protocol RecordView {
    /// - Parameter opening: The anchor of the record's chunk.
    init(_ record: ChunkRecord, _ current: CurrentAnchor, _ opening: ClockAnchor)
}

/// Iterates over the records of a chunk without copying them.
///
/// It does not trust their lengths. It ends before a record that is too short or reaches beyond the bytes, because the start of
/// the next record is unknown then.
package struct RecordWalk {
    private let content: UnsafeMutableRawPointer
    private let end: Int
    /// The offset of the next record.
    package private(set) var offset: Int

    /// Creates a walk over the records between two offsets.
    /// - Parameters:
    ///   - content: The first byte after the chunk's header.
    ///   - offset: The offset at which a record begins.
    ///   - end: The offset at which the committed records end.
    @inline(__always)
    package init(_ content: UnsafeMutableRawPointer, from offset: Int = 0, to end: Int) {
        self.content = content
        self.offset = offset
        self.end = end
    }

    @inline(__always)
    package mutating func next() -> ChunkRecord? {
        guard end - offset >= RecordHeader.bytes else { return nil }
        let address = content + offset
        let count = Int(address.loadUnaligned(as: UInt32.self))
        guard count >= RecordHeader.bytes, count <= end - offset else { return nil }
        offset += count
        return ChunkRecord(address, count: count)
    }
}

extension UnsafeMutablePointer<ChunkHeader> {
    /// The records between two offsets from the end of the header.
    @inline(__always)
    func records(from start: Int = 0, to end: Int) -> RecordWalk { RecordWalk(content, from: start, to: end) }

    /// The record at an offset from the end of the header; nil if the memory was released or holds no record there.
    func record(at offset: Int) -> ChunkRecord? {
        var walk = records(from: offset, to: ThreadRecorder.chunkBytes)
        return walk.next()
    }
}
