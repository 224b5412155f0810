/// Where in the log something was read: a chunk up to a place.
package struct LogStretch: Sendable, Equatable {
    var chunk: UInt32
    /// Which use of the chunk: it may have been recycled since.
    var sequence: UInt64
    /// Bytes behind the chunk's header up to the end of what was read.
    var end: UInt64
}

extension LogStretch {
    /// So many of the spans that a source has chosen itself, in its order; no chunk of a log.
    package static func chosen(_ count: Int) -> LogStretch {
        LogStretch(chunk: 0, sequence: 0, end: UInt64(count))
    }

    /// How many ``chosen(_:)`` meant.
    package var chosenCount: Int { Int(end) }
}
