import Foundation
import SpanKitPlatform
import SpanKitReports

/// A full-screen view on a terminal, which is restored afterwards.
///
/// Frames are drawn on the alternate screen. Each line replaces the previous one, so that nothing flickers.
final class LiveScreen {
    private var original = termios()
    private let readsKeys: Bool

    /// Switches to the alternate screen.
    init() {
        readsKeys = isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &original) == 0
        if readsKeys {
            var raw = original
            raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
            tcsetattr(STDIN_FILENO, TCSANOW, &raw)
        }
        StandardStreams.output.write("\u{1B}[?1049h\u{1B}[?25l")
    }

    /// Restores the terminal.
    func close() {
        StandardStreams.output.write("\u{1B}[?25h\u{1B}[?1049l")
        if readsKeys { tcsetattr(STDIN_FILENO, TCSANOW, &original) }
    }

    /// The number of lines of the terminal.
    static var height: Int {
        guard let rows = terminalSize(STDOUT_FILENO)?.rows, rows > 0 else { return 24 }
        return rows
    }

    /// Draws the first lines of a frame that fit the height.
    func draw(_ frame: String, height: Int) {
        StandardStreams.output.write(Self.sequence(frame, height: height))
    }

    /// The escape sequences that draw a frame as synchronized output. Terminals that do not support it ignore the marks.
    static func sequence(_ frame: String, height: Int) -> String {
        let lines = frame.split(separator: "\n", omittingEmptySubsequences: false).prefix(height)
        return "\u{1B}[?2026h\u{1B}[H" + lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n")
            + "\u{1B}[J\u{1B}[?2026l"
    }

    /// Waits for a key.
    /// - Returns: Whether it was `q`, or the terminal was closed.
    func waitForQuit(_ milliseconds: Int32) -> Bool {
        guard readsKeys else {
            usleep(UInt32(max(0, milliseconds)) * 1_000)
            return false
        }
        var ready = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&ready, 1, milliseconds) > 0 else { return false }
        var key: UInt8 = 0
        let count = read(STDIN_FILENO, &key, 1)
        // Reading a closed terminal returns 0 bytes.
        return count == 0 || key == UInt8(ascii: "q") || key == UInt8(ascii: "Q")
    }
}
