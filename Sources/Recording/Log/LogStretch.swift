/// Where in the log something was read: a chunk up to a place.
package struct LogStretch: Sendable, Equatable {
    var chunk: UInt32
    /// Which use of the chunk: it may have been recycled since.
    var sequence: UInt64
    /// Bytes behind the chunk's header up to the end of what was read.
    var end: UInt64
}
