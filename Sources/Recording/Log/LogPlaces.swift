/// The position of a record in the log. It is valid until the record is marked.
package struct RecordPlace: Sendable, Hashable {
    var chunk: UInt32
    /// The start of the record, as an offset from the end of the chunk's header.
    var offset: UInt32
}

/// The position in each chunk of a log up to which a reader has read without consuming records. Tail sampling uses it, and so does
/// `spankit live` in another process.
package struct LogPlaces: Sendable {
    package struct Place: Sendable {
        /// The sequence number of the chunk, which changes whenever the chunk is reused.
        package var sequence: UInt64
        /// The end of the bytes that were read, as an offset from the end of the chunk's header.
        package var end: Int
        /// The number of records before `end`.
        package var records: UInt64 = 0

        package init(sequence: UInt64, end: Int = 0) {
            self.sequence = sequence
            self.end = end
        }
    }

    private var places: [UInt32: Place] = [:]

    package init() {}

    /// The position up to which one use of a chunk was read; nil if it was not read.
    package subscript(chunk: UInt32, sequence: UInt64) -> Place? {
        places[chunk].flatMap { $0.sequence == sequence ? $0 : nil }
    }

    subscript(chunk: UnsafeMutablePointer<ChunkHeader>) -> Place? {
        self[chunk.index, chunk.sequence.pointee.load(ordering: .relaxed)]
    }

    /// Stores the position up to which a chunk was read.
    package mutating func set(_ place: Place, chunk: UInt32) {
        places[chunk] = place
    }
}
