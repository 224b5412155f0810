import SpanKitPercentiles

/// The records at the end of a thread's open chunk whose durations the percentile engine has not counted.
///
/// Ending a span only writes its record, and the duration is counted together with others: by the thread before it gives the chunk
/// away, or by a thread that reads the counts (``PercentileEngine/init(configuration:countLate:)``). Counting at the end of each
/// span would delay the next reading of the processor's counter, because the address of the bucket depends on the one before
/// (7 ns a span, `Benchmarks`: "start and end").
///
/// Only plain spans are counted from their records (``SpanHeader/isPlain(_:)``). All others are counted when they end.
///
/// The thread and the readers use the value under its lock (``ThreadRecorder/uncounted``), so that each record is counted once. The
/// chunk stays with the thread until it is exchanged here.
struct UncountedRecords {
    private let chunk: UnsafeMutablePointer<ChunkHeader>?
    private var start = 0

    /// Creates the records that a thread will write to an empty chunk; none without a chunk.
    init(in chunk: UnsafeMutablePointer<ChunkHeader>? = nil) {
        self.chunk = chunk
    }

    /// Counts the durations of the committed records, as their times are exported: with the rate of the chunk's anchor.
    mutating func count(in engine: PercentileEngine) {
        guard let chunk else { return }
        // Less than before if the log was closed, because its memory reads as zero then.
        let end = Int(chunk.committed.pointee.load(ordering: .acquiring))
        guard end > start else { return }
        let anchor = chunk.anchor
        var records = chunk.records(from: start, to: end)
        while let record = records.next() {
            let header = record.start + RecordHeader.bytes
            func word(at offset: Int) -> UInt64 { header.load(fromByteOffset: offset, as: UInt64.self) }
            guard SpanHeader.isPlain(word(at: SpanHeader.detailsOffset)) else { continue }
            let nanoseconds = anchor.nanoseconds(
                from: word(at: SpanHeader.startOffset),
                to: word(at: SpanHeader.endOffset)
            )
            engine.record(OperationID(rawValue: record.operation), nanoseconds: nanoseconds)
        }
        start = end
    }
}
