import Testing

@testable import SpanKitSummaries

@Suite("Tables")
struct TableTests {
    private func table(_ names: [String]) -> Table {
        var table = Table(columns: [
            .init("Name", .name), .init("Count"), .init("", .bar(widest: 12), priority: 1), .init("p99", priority: 2),
        ])
        for (index, name) in names.enumerated() {
            table.add(.text(name), .text("\(index * 95)"), .bar(ShareBar(share: 0.5)), .text("1.00 ms"))
        }
        return table
    }

    @Test("Numbers are aligned right, names left, without trailing blanks")
    func alignment() {
        #expect(
            table(["load", "a longer name"]).lines(style: TerminalStyle(width: 100)) == [
                "Name           Count                    p99",
                "───────────────────────────────────────────",
                "load               0  ██████        1.00 ms",
                "a longer name     95  ██████        1.00 ms",
            ]
        )
    }

    @Test("Wide characters keep the columns aligned")
    func wide() {
        let lines = table(["データベース", "naïve", "e\u{301}", "👩‍👩‍👧 team"]).lines(style: TerminalStyle(width: 60))
        #expect(Set(lines.dropFirst().map { displayWidth($0) }).count == 1, "\(lines)")
    }

    @Test("In a narrow table, the least important columns are dropped before names are cut")
    func narrow() {
        let name = "an_operation_whose_name_is_rather_long"
        let lines = table([name]).lines(style: TerminalStyle(width: 45))
        #expect(
            lines == [
                "Name" + String(repeating: " ", count: 36) + "Count", String(repeating: "─", count: 45),
                name + "      0",
            ]
        )
        #expect(table([name]).lines(style: TerminalStyle(width: 40))[2] == "an_operation_who…e_is_rather_long      0")
    }

    @Test(
        "A name cannot move the cursor or reorder the line",
        arguments: ["a\u{1B}[2Jb", "a\nb", "a\rb", "a\u{202E}b", "a\u{9B}b"]
    )
    func hostile(name: String) {
        for style in [TerminalStyle(), TerminalStyle(usesUnicode: false)] {
            let text = table([name]).lines(style: style).joined()
            #expect(
                text.unicodeScalars.allSatisfy {
                    $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) && $0 != "\u{202E}"
                }
            )
        }
    }

    @Test(
        "A text that is too long is cut in the middle",
        arguments: [
            ("step_7_5_knowledge_suggestions", 16, "step_7_5…estions"), ("short", 5, "short"), ("short", 4, "sh…t"),
            ("short", 1, "…"), ("short", 0, ""), ("データベース", 8, "デー…ス"),
        ]
    )
    func truncation(text: String, width: Int, expected: String) {
        let cut = truncatedInTheMiddle(text, to: width)
        #expect(cut == expected)
        #expect(displayWidth(cut) <= width)
    }

    @Test(
        "A bar shows its share to an eighth of a column; a positive share is never empty",
        arguments: [
            (0.0, ""), (0.0001, "▏"), (0.5, "████"), (0.52, "████▏"), (1.0, "████████"), (7.0, "████████"), (-1.0, ""),
            (Double.nan, ""),
        ]
    )
    func bar(share: Double, expected: String) {
        #expect(ShareBar(share: share).text(width: 8, usesUnicode: true) == expected)
    }
}

@Suite("The style of a terminal")
struct TerminalStyleTests {
    @Test(
        "Colours need a terminal that is not dumb, and no NO_COLOR",
        arguments: [
            (true, [:], true), (false, [:], false), (true, ["NO_COLOR": "1"], false), (true, ["NO_COLOR": ""], true),
            (true, ["TERM": "dumb"], false), (true, ["TERM": "xterm"], true),
        ] as [(Bool, [String: String], Bool)]
    )
    func color(isTerminal: Bool, environment: [String: String], expected: Bool) {
        #expect(TerminalStyle(isTerminal: isTerminal, columns: 80, environment: environment).usesColor == expected)
    }

    @Test(
        "The first locale variable that is set decides about UTF-8",
        arguments: [
            ([:], false), (["LANG": "C"], false), (["LANG": "en_US.UTF-8"], true), (["LANG": "C.utf8"], true),
            (["LC_ALL": "C", "LANG": "en_US.UTF-8"], false),
            (["LC_ALL": "", "LC_CTYPE": "de_DE.UTF-8", "LANG": "C"], true),
        ] as [([String: String], Bool)]
    )
    func unicode(environment: [String: String], expected: Bool) {
        #expect(TerminalStyle(isTerminal: true, columns: 80, environment: environment).usesUnicode == expected)
    }

    @Test(
        "Reports are never wider than 100 columns",
        arguments: [(nil, 100), (200, 100), (72, 72), (5, 40)] as [(Int?, Int)]
    )
    func width(columns: Int?, expected: Int) {
        #expect(TerminalStyle(isTerminal: true, columns: columns, environment: [:]).width == expected)
    }
}

@Suite("Formatting numbers")
struct ReadableTests {
    @Test(
        "Bytes have three digits, a binary unit and a sign",
        arguments: [
            (0, "0 B"), (1, "+1 B"), (-999, "−999 B"), (1_024, "+1.00 KiB"), (1_048_575, "+1.00 MiB"),
            (12_900_000, "+12.3 MiB"),
        ]
    )
    func bytes(value: Int, expected: String) {
        #expect(Readable.signedBytes(Double(value)) == expected)
    }

    @Test(
        "A share has one decimal, and a positive share is never 0",
        arguments: [(0, "0.0 %"), (0.0002, "<0.1 %"), (0.482, "48.2 %"), (1, "100.0 %"), (.nan, "–")]
            as [(Double, String)]
    )
    func percent(share: Double, expected: String) {
        #expect(Readable.percent(share) == expected)
    }

    @Test(
        "A ratio has one decimal below a hundred",
        arguments: [(1, "1.0 ×"), (31.27, "31.3 ×"), (99.96, "100 ×"), (1234.5, "1234 ×"), (.infinity, "–")]
            as [(Double, String)]
    )
    func ratio(value: Double, expected: String) {
        #expect(Readable.ratio(value) == expected)
    }

    @Test(
        "Large counts are grouped",
        arguments: [(0, "0"), (999, "999"), (1_000, "1 000"), (1_234_567, "1 234 567")] as [(UInt64, String)]
    )
    func count(value: UInt64, expected: String) {
        #expect(Readable.count(value) == expected)
    }
}
