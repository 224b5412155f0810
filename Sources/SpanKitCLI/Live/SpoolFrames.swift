import SpanKitPlatform
import SpanKitReports
import SpanKitSummaries

/// Reads the open spans of the processes in some spools, as `spankit live` shows them.
package final class SpoolFrames: Sendable {
    /// What processes do at one moment.
    package struct Frame: Sendable {
        fileprivate let report: LiveReport

        /// The machine-readable frame.
        package var document: ReportDocument { report.document }

        /// The frame for a terminal.
        package func text(style: TerminalStyle) -> String { report.text(style: style) }
    }

    private let watches: Locked<[SpoolWatch]>
    /// Whether there is a spool to read.
    package let isEmpty: Bool

    package init(directories: [String]) {
        watches = Locked(directories.map { SpoolWatch(directory: $0, processID: nil) })
        isEmpty = directories.isEmpty
    }

    /// Reads the spools on a thread that may wait for the disk.
    /// - Throws: ``CommandFailure`` if a directory is missing.
    package func frame() async throws -> Frame {
        try await withCheckedThrowingContinuation { continuation in
            WaitingThread.run { [self] in continuation.resume(with: Result { try read() }) }
        }
    }

    private func read() throws -> Frame {
        let now = UnixTime.nanoseconds()
        return try watches.withLock { watches in
            var processes: [LiveProcess] = []
            var leftBehind = LiveReport.LeftBehind(directory: watches.first?.directory ?? "")
            for place in watches.indices {
                processes += try watches[place].look(at: now)
                leftBehind.spanCount += watches[place].leftBehind.spanCount
                leftBehind.processCount += watches[place].leftBehind.processCount
            }
            return Frame(report: LiveReport(processes, now: now, leftBehind: leftBehind))
        }
    }
}
