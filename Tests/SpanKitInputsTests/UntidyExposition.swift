import SpanKitTestSupport

/// Texts that look like metrics files and have faults, as programs and scripts write them.
struct UntidyExposition {
    private var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    /// One to three files of a directory.
    mutating func directory() -> [(file: String, text: [UInt8])] {
        let count = pick(1, 1, 1, 2, 2, 3)
        return ["x.prom", "y.prom", "z.prom"].prefix(count).map { ($0, Array(text().utf8)) }
    }

    private mutating func pick<Value>(_ choices: Value...) -> Value {
        choices[Int.random(in: choices.indices, using: &random)]
    }

    private mutating func isRare(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &random) == 0 }

    private mutating func text() -> String {
        let lines = (0..<Int.random(in: 1...6, using: &random)).map { _ in line() }
        return lines.joined(separator: "\n") + (isRare(30) ? "" : "\n")
    }

    private mutating func line() -> String {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<20: "# HELP \(name()) " + pick("h", "h", "other", "", "x\\\\", "x\\\"", "x\\n", "x\\q")
        case 20..<40:
            "# TYPE \(name()) "
                + pick(
                    "gauge",
                    "gauge",
                    "counter",
                    "histogram",
                    "summary",
                    "untyped",
                    "gauge_histogram",
                    "gaugehistogram",
                    "info",
                    "GAUGE",
                    "gauge "
                )
        case 40..<45: pick("", "# c", "#", "# EOF", "# UNIT a s", "  ")
        case 45..<55: histogram(pick("a", "b"))
        case 55..<85: name() + labels() + pick(" ", " ", "  ", "\t") + value()
        default: braced()
        }
    }

    private mutating func histogram(_ name: String) -> String {
        """
        # TYPE \(name) histogram
        \(name)_bucket{le="1"} \(pick("1", "0", "-1", "1.5"))
        \(name)_bucket{le="+Inf"} 2
        \(name)_sum 1
        \(name)_count \(pick("2", "2", "-2"))
        """
    }

    private mutating func name() -> String {
        isRare(7)
            ? pick("a.b", "1a", "é", "", "a-b", "\"a\"", "\"a.b\"", "a\"b\"", "\"a", "{a}", "\"a\\\"\"")
            : pick("a", "a", "b", "a_count", "a_sum", "a_bucket", "c:d", "_x", "e9")
    }

    private mutating func value() -> String {
        isRare(6)
            ? pick("1_0", "0x1", "one", "", "1e999", "-Inf", "nan", "1 2", "1 #", "- 1")
            : pick("1", "2", "0", "3.5", "-1", "NaN", "+Inf", "1e3", ".5")
    }

    private mutating func label() -> String {
        let key =
            isRare(10)
            ? pick("\"x\"", "\"x.y\"", "__x", "__name__", "1x", "x.y", "x\"y\"", "\"\"", "")
            : pick("x", "x", "y", "le", "quantile")
        let value =
            isRare(10) ? pick("\\\\", "\\n", "\\\"", "\\q", "\n", "\"") : pick("1", "2", "", "a b", "+Inf", "0.5", "é")
        return key + (isRare(20) ? " = " : "=") + "\"\(value)\""
    }

    private mutating func labels() -> String {
        let count = pick(0, 0, 1, 1, 2, 3)
        guard count > 0 else { return pick("", "", "", "{}") }
        let labels = (0..<count).map { _ in label() }.joined(separator: pick(",", ",", ", "))
        return "{" + labels + pick("", "", "", ",") + "}"
    }

    /// A line with its name in the braces, or without a name.
    private mutating func braced() -> String {
        var content = [pick("\"a\"", "\"b\"", "a", "\"a.b\"", "\"a_count\"", "\"\"", "\"a\" ")]
        if isRare(2) { content.append(label()) }
        if isRare(5) { content.shuffle(using: &random) }
        if isRare(4) { content.removeFirst() }
        if isRare(20) { content.append("\"b\"") }
        return "{" + content.joined(separator: ",") + pick("", "", "", ",") + "} " + value()
    }
}
