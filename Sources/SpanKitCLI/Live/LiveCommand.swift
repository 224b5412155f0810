import ArgumentParser
import Foundation
import SpanKitPlatform
import SpanKitReports
import SpanKitSummaries

/// `spankit live`
struct LiveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        "live",
        abstract: "Watch running processes: open spans, recently ended operations and the latest warnings.",
        discussion: """
            Reads the memory-mapped logs that processes keep in their spool (SPANKIT_SPOOL_DIR). The processes do no extra \
            work. Open spans are listed with the oldest first. Operations are those of the last minute that the log still \
            contains. Warnings are the latest log records of that level and higher ones. Metrics are what the instruments of a process have counted since it started. On a terminal the view is \
            updated in place; q or Ctrl-C ends it. Otherwise frames are printed one after another.

            --once prints one frame. With --format json, a frame is one line with everything that the text shows. With csv and md, \
            which need --once, it is a row for each open span.

            Exit status: 0 ended, 64 wrong usage, 65 there is no such spool or no such process in it.
            """,
        examples: ["live --spool /var/spool/spankit", "live --spool /var/spool/spankit --format json"]
    )

    @Option(help: ArgumentHelp("The spool (default: SPANKIT_SPOOL_DIR).", valueName: "directory"))
    var spool: String?

    @Option(help: ArgumentHelp("Watch only the process with this id.", valueName: "number"))
    var pid: Int32?

    @Flag(help: "Print one frame and exit.")
    var once = false

    @Option(parsing: .unconditional, help: ArgumentHelp("The time between updates.", valueName: "seconds"))
    var interval = 1.0

    @OptionGroup var output: OutputOptions

    func run() throws {
        guard interval >= 0.1, interval <= 3_600 else {
            throw CommandFailure(.usage, "--interval: \(interval) is not a number of seconds between 0.1 and 3600")
        }
        guard once || output.format == .text || output.format == .json else {
            throw CommandFailure(.usage, "--format \(output.format.rawValue) needs --once")
        }
        let variable = ProcessInfo.processInfo.environment["SPANKIT_SPOOL_DIR"].flatMap { $0.isEmpty ? nil : $0 }
        guard let directory = spool ?? variable else {
            throw CommandFailure(.usage, "there is no spool; give --spool DIR or set SPANKIT_SPOOL_DIR")
        }
        var watch = SpoolWatch(directory: directory, processID: pid)
        let first = try look(&watch)
        if let pid, first.processes.isEmpty {
            throw CommandFailure(
                .data,
                "\(directory): process \(pid) does not record into this spool; "
                    + "leave out --pid to list the processes"
            )
        }
        if once {
            return print(LiveReport(first.processes, now: first.now, leftBehind: watch.leftBehind))
        }
        let quit = Locked(false)
        let signals = TerminationSignals()
        signals.listen()
        signals.onFirst { quit.withLock { $0 = true } }
        if isatty(STDOUT_FILENO) == 1, output.format == .text {
            try onScreen(&watch, quit)
        } else {
            try printFrames(&watch, quit)
        }
    }

    /// Prints a frame. A JSON frame is one line.
    private func print(_ report: LiveReport) {
        guard output.format == .json else { return output.format.write(report.document) { report.text(style: $0) } }
        StandardStreams.output.write(report.document.json.compact + "\n")
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
            // Short steps, so that Ctrl-C and a new window size take effect at once.
            while ContinuousClock.now < next, !quit.withLock({ $0 }) {
                if screen.waitForQuit(50) || !StandardStreams.output.isOpen { return }
                if LiveScreen.height != height || TerminalStyle.ofTraces != style { break }
            }
        }
    }

    private func printFrames(_ watch: inout SpoolWatch, _ quit: Locked<Bool>) throws {
        while !quit.withLock({ $0 }), StandardStreams.output.isOpen {
            let (processes, now) = try look(&watch)
            print(LiveReport(processes, now: now, leftBehind: watch.leftBehind))
            if output.format == .text { StandardStreams.output.write("\n") }
            let next = ContinuousClock.now.advanced(by: .seconds(interval))
            while ContinuousClock.now < next, !quit.withLock({ $0 }) { usleep(50_000) }
        }
    }
}
