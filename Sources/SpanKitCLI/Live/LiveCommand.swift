import ArgumentParser
import Foundation
import SpanKitPlatform
import SpanKitReports
import SpanKitSummaries

/// `spankit live`: what processes are doing right now.
struct LiveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "live",
        abstract: "Watch running processes: what is open and since when, what has ended lately.",
        discussion: """
            Reads the recordings that processes keep in their spool (SPANKIT_SPOOL_DIR) while they run, read-only: they do not \
            notice. Open spans show where each is now, the oldest first; what has ended within the last minute is counted as far \
            as the recording still holds it. On a terminal the view is drawn in place; q or Ctrl-C ends it. Elsewhere frames \
            follow one another.

            --once prints one frame. With --format json it has everything the text shows, an object for each process; with csv \
            or md a row for each open span.

            Exit status: 0 ended as asked, 64 wrong usage, 65 no such spool, or with --pid no such process in it.
            """
    )

    @Option(help: ArgumentHelp("The spool (default: SPANKIT_SPOOL_DIR).", valueName: "directory"))
    var spool: String?

    @Option(help: ArgumentHelp("Watch one process only.", valueName: "number"))
    var pid: Int32?

    @Flag(help: "Print one frame and end.")
    var once = false

    @Option(parsing: .unconditional, help: ArgumentHelp("How often to look.", valueName: "seconds"))
    var interval = 1.0

    @OptionGroup var output: OutputOptions

    func run() throws {
        guard interval >= 0.1, interval <= 3_600 else {
            throw CommandFailure(.usage, "--interval: \(interval) is not a number of seconds between 0.1 and 3600")
        }
        guard once || output.format == .text else {
            throw CommandFailure(.usage, "--format \(output.format.rawValue) needs --once")
        }
        let variable = ProcessInfo.processInfo.environment["SPANKIT_SPOOL_DIR"].flatMap { $0.isEmpty ? nil : $0 }
        guard let directory = spool ?? variable else {
            throw CommandFailure(.usage, "nothing to watch: give --spool DIR, or set SPANKIT_SPOOL_DIR")
        }
        var watch = SpoolWatch(directory: directory, processID: pid)
        let first = try look(&watch)
        if let pid, first.processes.isEmpty {
            throw CommandFailure(.data, "\(directory): process \(pid) records nothing here")
        }
        if once {
            let report = LiveReport(first.processes, now: first.now, leftBehind: watch.leftBehind)
            if output.format == .json { return StandardStreams.output.write(report.json.text) }
            return output.write(report.listing) { report.text(style: $0) }
        }
        let quit = Locked(false)
        let signals = TerminationSignals()
        signals.listen()
        signals.onFirst { quit.withLock { $0 = true } }
        if isatty(STDOUT_FILENO) == 1 {
            try onScreen(&watch, quit)
        } else {
            try inTurn(&watch, quit)
        }
    }

    private func look(_ watch: inout SpoolWatch) throws -> (processes: [LiveProcess], now: Int64) {
        let now = UnixTime.nanoseconds()
        return (try watch.look(at: now), now)
    }

    private func onScreen(_ watch: inout SpoolWatch, _ quit: Locked<Bool>) throws {
        let screen = LiveScreen()
        defer { screen.close() }
        while !quit.withLock({ $0 }) {
            let style = TerminalStyle.ofTraces
            let height = LiveScreen.height
            let (processes, now) = try look(&watch)
            let report = LiveReport(processes, now: now, leftBehind: watch.leftBehind, height: height)
            screen.draw(report.text(style: style), height: height)
            let next = ContinuousClock.now.advanced(by: .seconds(interval))
            // In short steps, so that a new size of the window and Ctrl-C are answered at once.
            while ContinuousClock.now < next, !quit.withLock({ $0 }) {
                if screen.waitForQuit(50) || !StandardStreams.output.isOpen { return }
                if LiveScreen.height != height || TerminalStyle.ofTraces != style { break }
            }
        }
    }

    private func inTurn(_ watch: inout SpoolWatch, _ quit: Locked<Bool>) throws {
        while !quit.withLock({ $0 }), StandardStreams.output.isOpen {
            let (processes, now) = try look(&watch)
            let frame = LiveReport(processes, now: now, leftBehind: watch.leftBehind)
                .text(style: TerminalStyle.ofTraces)
            StandardStreams.output.write(frame + "\n")
            let next = ContinuousClock.now.advanced(by: .seconds(interval))
            while ContinuousClock.now < next, !quit.withLock({ $0 }) { usleep(50_000) }
        }
    }
}
