import Foundation
import SpanKitCLI
import SpanKitPlatform
import SpanKitReports
import SpanKitSummaries
import Synchronization

/// The progress of a run: a line that is redrawn on a terminal, or one line per finished scenario elsewhere.
///
/// All output of a run goes through this class, so tables and the progress line never mix. Any thread may call it.
final class ProgressLine: Sendable {
    /// How the progress is shown.
    enum Mode: Sendable {
        case silent
        case plain
        /// One line that is redrawn in place.
        case live(TerminalStyle)
    }

    /// The progress of a run.
    struct Position: Sendable, Equatable {
        var scenario = 0
        var phase = ""
        var messagesDone = 0
        var lastMessageNanoseconds: UInt64?
    }

    private struct State {
        var position = Position()
        var isDrawn = false
        var isFinished = false
        var lastDrawn: ContinuousClock.Instant?
    }

    private static let shortestInterval = Duration.milliseconds(100)

    private let mode: Mode
    private let scenarioCount: Int
    private let messageCount: Int
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    init(mode: Mode, scenarioCount: Int, messageCount: Int) {
        self.mode = mode
        self.scenarioCount = scenarioCount
        self.messageCount = messageCount
    }

    /// The mode for standard error.
    static func mode(isQuiet: Bool, environment: [String: String] = ProcessInfo.processInfo.environment) -> Mode {
        if isQuiet { return .silent }
        guard isatty(STDERR_FILENO) == 1, environment["TERM"] != "dumb" else { return .plain }
        return .live(TerminalStyle(fileDescriptor: STDERR_FILENO, environment: environment))
    }

    /// Changes the progress and redraws the line unless it was drawn less than 0.1 s ago.
    func update(_ change: (inout Position) -> Void) {
        state.withLock { state in
            change(&state.position)
            drawIfDue(&state)
        }
    }

    /// Updates the elapsed time until the task is cancelled.
    func keepDrawing() async {
        guard case .live = mode else { return }
        while !Task.isCancelled {
            state.withLock { drawIfDue(&$0) }
            try? await Task.sleep(for: Self.shortestInterval)
        }
    }

    /// Writes a line for a scenario that has ended. On a terminal it writes nothing, because the scenario's table is
    /// printed there.
    func scenarioEnded(_ line: @autoclosure () -> String) {
        guard case .plain = mode else { return }
        StandardStreams.error.write("spankit: \(line())\n")
    }

    /// Writes a line to standard error above the progress line.
    func note(_ line: String) {
        state.withLock { state in
            clear(&state)
            // The line may contain control characters from the network or from a file.
            StandardStreams.error.write("spankit: \(TerminalStyle(usesUnicode: true).printable(line))\n")
        }
    }

    /// Writes a text to standard output above the progress line.
    func print(_ text: String) {
        state.withLock { state in
            clear(&state)
            StandardStreams.output.write(text)
        }
    }

    /// Removes the progress line. It is not drawn again.
    func finish() {
        state.withLock { state in
            clear(&state)
            state.isFinished = true
        }
    }

    private func drawIfDue(_ state: inout State) {
        guard case .live(let style) = mode, !state.isFinished else { return }
        let now = ContinuousClock.now
        if let last = state.lastDrawn, now - last < Self.shortestInterval { return }
        state.lastDrawn = now
        state.isDrawn = true
        StandardStreams.error.write("\r\u{1B}[2K" + text(of: state.position, elapsed: now - start, style: style))
    }

    private func clear(_ state: inout State) {
        guard state.isDrawn else { return }
        StandardStreams.error.write("\r\u{1B}[2K")
        state.isDrawn = false
        state.lastDrawn = nil
    }

    func text(of position: Position, elapsed: Duration, style: TerminalStyle) -> String {
        let barWidth = 20
        let share = messageCount == 0 ? 0 : Double(position.messagesDone) / Double(messageCount)
        let bar = ShareBar(share: share).text(width: barWidth, usesUnicode: style.usesUnicode)
        let rest = String(repeating: style.usesUnicode ? "·" : ".", count: max(0, barWidth - displayWidth(bar)))
        var parts = [
            "scenario \(position.scenario)/\(scenarioCount)", "message \(position.messagesDone)/\(messageCount)",
        ]
        if !position.phase.isEmpty { parts.append(position.phase) }
        if let last = position.lastMessageNanoseconds { parts.append("last \(Readable.durationInText(last))") }
        parts.append(String(format: "%.1f s", elapsed.seconds))
        let separator = style.usesUnicode ? " · " : " - "
        // One column stays free, because a full line makes some terminals scroll.
        let room = style.width - barWidth - 3
        let facts = truncatedInTheMiddle(style.printable(parts.joined(separator: separator)), to: room)
        return style.paint(bar, .bar) + style.paint(rest, .quiet) + "  " + facts
    }
}
