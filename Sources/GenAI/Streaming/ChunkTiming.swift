import SpanKit

/// The timing of a response's chunks, in constant memory.
public struct ChunkTiming: Sendable, Equatable {
    /// The number of chunks.
    public private(set) var count = 0
    /// The time from the start of the call to the first chunk; nil before the first chunk.
    public private(set) var first: Duration?
    /// The longest time between consecutive chunks.
    public private(set) var longestGap = Duration.zero
    private var last = Duration.zero

    /// Counts a chunk.
    /// - Returns: the time since the chunk before; nil for the first one.
    mutating func record(at time: Duration) -> Duration? {
        count += 1
        defer { last = time }
        guard first != nil else {
            first = time
            return nil
        }
        let gap = time - last
        longestGap = max(longestGap, gap)
        return gap
    }
}
