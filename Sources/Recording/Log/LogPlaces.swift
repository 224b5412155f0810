/// Where in the log a record is. Valid until the record is marked.
package struct RecordPlace: Sendable, Hashable {
    var chunk: UInt32
    /// Behind the chunk's header.
    var offset: UInt32
}

/// How far each chunk of a log has been looked at, by a reader that leaves the records where they are: tail sampling in this
/// process, a watcher in another one.
package struct LogPlaces: Sendable {
    package struct Place: Sendable {
        /// The use of the chunk.
        package var sequence: UInt64
        /// Bytes behind the chunk's header.
        package var end = 0
        /// Records before the end.
        package var records: UInt64 = 0
    }

    /// By the chunk's index.
    var places: [UInt32: Place] = [:]

    package init() {}

    /// The place in one use of a chunk; nil where nothing was looked at in that use.
    package subscript(chunk: UInt32, sequence: UInt64) -> Place? {
        places[chunk].flatMap { $0.sequence == sequence ? $0 : nil }
    }

    subscript(chunk: UnsafeMutablePointer<ChunkHeader>) -> Place? {
        self[chunk.index, chunk.sequence.pointee.load(ordering: .relaxed)]
    }

    /// Notes how far a chunk has been looked at.
    package mutating func set(_ place: Place, chunk: UInt32) {
        places[chunk] = place
    }
}
