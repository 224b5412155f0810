import SpanKit

/// When the pieces of an answer came: counted and summed up, so that a million of them take no more memory than two.
public struct ChunkTiming: Sendable, Equatable {
    /// How many came.
    public private(set) var count = 0
    /// From the start of the call to the first one; nil before it.
    public private(set) var first: Duration?
    /// The longest wait for the next one.
    public private(set) var longestGap = Duration.zero
    /// All waits between one and the next.
    public private(set) var gaps = GenAIHistogram(.durations)
    private var last = Duration.zero

    /// Counts one; true for the first.
    mutating func record(at time: Duration) -> Bool {
        count += 1
        defer { last = time }
        guard first != nil else {
            first = time
            return true
        }
        let gap = time - last
        longestGap = max(longestGap, gap)
        gaps.record(gap.wholeNanoseconds)
        return false
    }
}
