import SpanKitPercentiles

/// What a process was doing at one moment, as seen from outside.
package struct LiveProcess: Sendable {
    /// A span that has not ended.
    package struct OpenSpan: Sendable {
        package var name: String
        package var traceID: String
        package var spanID: UInt64
        package var parentSpanID: UInt64
        package var startUnixNanoseconds: Int64
        /// Its attributes so far, on one line.
        package var details: String

        package init(
            name: String,
            traceID: String,
            spanID: UInt64,
            parentSpanID: UInt64,
            startUnixNanoseconds: Int64,
            details: String
        ) {
            self.name = name
            self.traceID = traceID
            self.spanID = spanID
            self.parentSpanID = parentSpanID
            self.startUnixNanoseconds = startUnixNanoseconds
            self.details = details
        }
    }

    /// A destination of its spans, as the process tells.
    package struct Destination: Sendable {
        package var name: String
        package var exported: UInt64
        /// Spans in bodies that wait, in memory or in files.
        package var waiting: UInt64
        /// Of the waiting ones: those in files of the spool.
        package var files: UInt64
        /// Spans in requests without an answer yet.
        package var inFlight: UInt64
        /// Nobody takes its bodies at the moment.
        package var isFailing: Bool
        /// By reason.
        package var dropped: [String: UInt64]

        var droppedCount: UInt64 { dropped.values.reduce(0) { $0 &+ $1 } }

        package init(
            name: String,
            exported: UInt64,
            waiting: UInt64,
            files: UInt64 = 0,
            inFlight: UInt64,
            isFailing: Bool,
            dropped: [String: UInt64]
        ) {
            self.name = name
            self.exported = exported
            self.waiting = waiting
            self.files = files
            self.inFlight = inFlight
            self.isFailing = isFailing
            self.dropped = dropped
        }
    }

    /// Ended spans that no body holds yet, as the process tells.
    package struct Queued: Sendable {
        /// In the span log.
        package var log: UInt64
        /// In the span log, until tail sampling decides on them.
        package var tailSampling: UInt64
        /// In a batch that is being encoded.
        package var encoding: UInt64

        package init(log: UInt64, tailSampling: UInt64, encoding: UInt64) {
            self.log = log
            self.tailSampling = tailSampling
            self.encoding = encoding
        }
    }

    package var processID: Int32
    /// `service.name`; empty when nobody said.
    package var service: String
    /// Whether the process still exists.
    package var isRunning: Bool
    package var createdUnixNanoseconds: Int64
    package var openSpans: [OpenSpan]
    /// What has ended lately.
    package var operations: [OperationSnapshot]
    /// The time that ``operations`` are from.
    package var windowSeconds: Double
    /// Bytes of ended spans in the log.
    package var waitingLogBytes: Int
    /// Spans in bodies that wait to be sent.
    package var waitingSpanCount: Int
    /// Where its spans go; nil where it does not tell, as earlier releases do not.
    package var destinations: [Destination]?
    /// Nil where it does not tell.
    package var queued: Queued?

    package init(
        processID: Int32,
        service: String,
        isRunning: Bool,
        createdUnixNanoseconds: Int64,
        openSpans: [OpenSpan],
        operations: [OperationSnapshot],
        windowSeconds: Double,
        waitingLogBytes: Int,
        waitingSpanCount: Int,
        destinations: [Destination]? = nil,
        queued: Queued? = nil
    ) {
        self.queued = queued
        self.destinations = destinations
        self.processID = processID
        self.service = service
        self.isRunning = isRunning
        self.createdUnixNanoseconds = createdUnixNanoseconds
        self.openSpans = openSpans
        self.operations = operations
        self.windowSeconds = windowSeconds
        self.waitingLogBytes = waitingLogBytes
        self.waitingSpanCount = waitingSpanCount
    }

    /// The open spans, the oldest root first, what it waits for below it; with depths.
    package var openForest: [(span: OpenSpan, depth: Int)] {
        let byStart = openSpans.sorted {
            ($0.startUnixNanoseconds, $0.spanID) < ($1.startUnixNanoseconds, $1.spanID)
        }
        let known = Set(byStart.map(\.spanID))
        var children: [UInt64: [Int]] = [:]
        var roots: [Int] = []
        for (place, span) in byStart.enumerated() {
            if known.contains(span.parentSpanID), span.parentSpanID != span.spanID {
                children[span.parentSpanID, default: []].append(place)
            } else {
                roots.append(place)
            }
        }
        var forest: [(OpenSpan, Int)] = []
        var seen = [Bool](repeating: false, count: byStart.count)
        // Behind the roots all others, for what a damaged region holds: circles have no root.
        for start in roots + Array(byStart.indices) {
            var stack = [(place: start, depth: 0)]
            while let next = stack.popLast() {
                guard !seen[next.place] else { continue }
                seen[next.place] = true
                forest.append((byStart[next.place], next.depth))
                for child in (children[byStart[next.place].spanID] ?? []).reversed() {
                    stack.append((child, next.depth + 1))
                }
            }
        }
        return forest
    }
}
