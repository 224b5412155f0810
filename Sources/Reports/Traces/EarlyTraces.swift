import SpanKitRecording

/// The traces that were delivered before the end of the input, to recognize later spans of them.
///
/// It keeps 64 bits of each trace, up to a limit.
struct EarlyTraces {
    private let limit: Int
    private var delivered: Set<Int> = []
    private var parted: Set<Int> = []
    /// Whether a trace was not remembered because of the limit.
    private(set) var isFull = false
    /// The number of later parts of traces that were delivered in several parts. The first part of each trace is not
    /// included.
    private(set) var laterPartCount = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// The number of traces that were delivered before all of their spans were read.
    var partedCount: Int { parted.count }

    /// Adds a trace that is delivered.
    mutating func add(_ id: TraceID) {
        if delivered.count < limit {
            delivered.insert(id.hashValue)
        } else if !delivered.contains(id.hashValue) {
            isFull = true
        }
    }

    /// Whether a trace was delivered before.
    func contains(_ id: TraceID) -> Bool { !delivered.isEmpty && delivered.contains(id.hashValue) }

    /// Counts a trace as parted if it was delivered before. Called for the first span of each trace.
    mutating func reopen(_ id: TraceID) {
        guard contains(id) else { return }
        laterPartCount += 1
        parted.insert(id.hashValue)
    }
}
