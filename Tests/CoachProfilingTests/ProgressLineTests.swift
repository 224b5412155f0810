import SpanKitReports
import SpanKitSummaries
import Testing

@testable import SpanKitCoachProfiling

@Suite("The progress line")
struct ProgressLineTests {
    private let position = ProgressLine.Position(
        scenario: 3,
        phase: "exploration",
        messagesDone: 9,
        lastMessageNanoseconds: 61_200_000
    )

    private func text(_ style: TerminalStyle) -> String {
        ProgressLine(mode: .silent, scenarioCount: 8, messageCount: 39)
            .text(of: position, elapsed: .milliseconds(12_340), style: style)
    }

    @Test("It shows the position, the elapsed time and the time of the last message")
    func content() {
        #expect(
            text(TerminalStyle(width: 100))
                == "████▋···············  scenario 3/8 · message 9/39 · exploration · last 61.2 ms · 12.3 s"
        )
        #expect(
            text(TerminalStyle(width: 100, usesUnicode: false))
                == "#####...............  scenario 3/8 - message 9/39 - exploration - last 61.2 ms - 12.3 s"
        )
    }

    @Test("It fits into one line", arguments: [40, 60, 80, 100])
    func fits(width: Int) {
        #expect(displayWidth(text(TerminalStyle(width: width))) < width)
    }
}
