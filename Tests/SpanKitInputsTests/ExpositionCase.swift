import SpanKitInputs
import SpanKitPrometheusText
import Testing

/// A text in the Prometheus format with the expected worst outcome in node_exporter.
///
/// The unit tests check each with the reader, `NodeExporterTests` with the real program.
struct ExpositionCase: Sendable, CustomTestStringConvertible {
    let name: String
    let text: [UInt8]
    /// The outcome of the worst problem; `nil` if the text has none.
    let outcome: NodeExporterOutcome?
    let line: Int
    let column: Int

    var testDescription: String { name }

    init(_ name: String, _ text: String, _ outcome: NodeExporterOutcome?, line: Int = 1, column: Int = 1) {
        self.init(name, bytes: Array(text.utf8), outcome, line: line, column: column)
    }

    init(_ name: String, bytes: [UInt8], _ outcome: NodeExporterOutcome?, line: Int = 1, column: Int = 1) {
        self.name = name
        self.text = bytes
        self.outcome = outcome
        self.line = line
        self.column = column
    }

    /// A HELP line, so that a missing one is not reported.
    private static let help = "# HELP a h\n"

    static let all = accepted + syntax + openMetrics + meaning

    static let accepted: [ExpositionCase] = [
        .init("an empty file", "", nil),
        .init("empty lines and blanks", "\n  \n\t\n" + help + "a 1\n", nil),
        .init("a comment", "# anything \\q {\n#\n# \n" + help + "a 1\n", nil),
        .init("TYPE before HELP", "# TYPE a gauge\n# HELP a h\na 1\n", nil),
        .init("no blank after #", "#HELP a h\n#TYPE a counter\na 1\n", nil),
        .init("TYPE in capitals", help + "# TYPE a GAUGE\na 1\n", nil),
        .init("HELP and TYPE that say nothing", "# HELP a\n# TYPE a \n" + help + "# TYPE\n# HELP \na 1\n", nil),
        .init(
            "numbers in capitals and short",
            help + "a{b=\"1\"} 1E5\na{b=\"2\"} .5\na{b=\"3\"} 1.\na{b=\"4\"} -1e-3\n",
            nil
        ),
        .init(
            "nan, inf, Infinity",
            help + "a{b=\"1\"} nan\na{b=\"2\"} inf\na{b=\"3\"} -Infinity\na{b=\"4\"} +Inf\n",
            nil
        ),
        .init("a number too small for a Double", help + "a 1e-999\n", nil),
        .init("a comma at the end of the labels", help + "a{b=\"1\",} 1\n", nil),
        .init("braces with nothing in them", help + "a{} 1\n", nil),
        .init("blanks wherever they may be", help + "\ta {\t b = \"1\" , c = \"2\" } \t 1\n", nil),
        .init("tab and control characters in a value", help + "a{b=\"\t\u{1}\u{7F}\"} 1\n", nil),
        .init("all escapes", "# HELP a \\\\ \\n \"\na{b=\"\\\\ \\n \\\"\"} 1\n", nil),
        .init("any script", "# HELP a é 🎯\na{b=\"日本 🎯 \u{202E}\"} 1\n", nil),
        .init("a colon in the name", "# HELP a:b h\na:b 1\n", nil),
        .init("labels in one line and not in the next", help + "a 1\na{b=\"1\"} 2\n", nil),
        .init(
            "a histogram",
            help + "# TYPE a histogram\na_bucket{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 2\na_sum 3.5\na_count 2\n",
            nil
        ),
        .init(
            "a histogram in any order",
            help + "# TYPE a histogram\na_count 2\na_bucket{le=\"+Inf\"} 2\na_bucket{le=\"1\"} 1\na_sum 3.5\n",
            nil
        ),
        .init(
            "a summary without anything measured",
            help + "# TYPE a summary\na{quantile=\"0.5\"} NaN\na_sum 0\na_count 0\n",
            nil
        ),
        .init("quantile and le on a gauge", help + "# TYPE a gauge\na{quantile=\"0.5\",le=\"x\"} 1\n", nil),
    ]

    static let syntax: [ExpositionCase] = [
        .init("no line feed at the end", help + "a 1", .losesFile, line: 2, column: 4),
        .init("cut off in a label value", help + "a{b=\"x", .losesFile, line: 2, column: 7),
        .init("cut off in a comment", help + "a 1\n# end", .losesFile, line: 3, column: 6),
        .init("carriage returns", help + "a 1\r\n", .losesFile, line: 2, column: 4),
        .init("a carriage return after TYPE", help + "# TYPE a gauge\r\na 1\n", .losesFile, line: 2, column: 15),
        .init("an empty line with a carriage return", help + "\r\na 1\n", .losesFile, line: 2),
        .init("a byte order mark", bytes: [0xEF, 0xBB, 0xBF] + Array((help + "a 1\n").utf8), .losesFile),
        .init("a line feed in a label value", help + "a{b=\"x\ny\"} 1\n", .losesFile, line: 2, column: 7),
        .init("a quote in a label value", help + "a{b=\"x\"y\"} 1\n", .losesFile, line: 2, column: 8),
        .init("\\t in a label value", help + "a{b=\"é\\t\"} 1\n", .losesFile, line: 2, column: 7),
        .init("\\q in a label value", help + "a{b=\"\\q\"} 1\n", .losesFile, line: 2, column: 6),
        .init("a path in HELP", "# HELP a C:\\dir\na 1\n", .losesFile, line: 1, column: 12),
        .init("a backslash at the end of HELP", "# HELP a x\\\na 1\n", .losesFile, line: 1, column: 11),
        .init(
            "invalid UTF-8 in a label value",
            bytes: Array((help + "a{b=\"").utf8) + [0xFF, 0xFE] + Array("\"} 1\n".utf8),
            .losesFile,
            line: 2,
            column: 6
        ),
        .init("a dotted label name", help + "a{b.c=\"1\"} 1\n", .losesFile, line: 2, column: 4),
        .init("the label __name__", help + "a{__name__=\"b\"} 1\n", .losesFile, line: 2, column: 3),
        .init("a label name with a digit first", help + "a{1b=\"1\"} 1\n", .losesFile, line: 2, column: 3),
        .init("a dotted metric name", "a.b 1\n", .losesFile, line: 1, column: 2),
        .init("a metric name with a digit first", "1a 1\n", .losesFile),
        .init("a dotted name in HELP", "# HELP a.b h\na 1\n", .losesFile, line: 1, column: 9),
        .init("the same label twice", help + "a{b=\"1\",b=\"2\"} 1\n", .losesFile, line: 2, column: 9),
        .init("a label without a value", help + "a{b} 1\n", .losesFile, line: 2, column: 4),
        .init("a label value without quotes", help + "a{b=1} 1\n", .losesFile, line: 2, column: 5),
        .init("labels without a comma", help + "a{b=\"1\" c=\"2\"} 1\n", .losesFile, line: 2, column: 9),
        .init("a second HELP", help + "# HELP a other\na 1\n", .losesFile, line: 2),
        .init("a second TYPE", help + "# TYPE a gauge\n# TYPE a gauge\na 1\n", .losesFile, line: 3),
        .init("TYPE after the samples", help + "a 1\n# TYPE a gauge\n", .losesFile, line: 3),
        .init(
            "TYPE of a histogram's count",
            help + "# TYPE a histogram\n# TYPE a_count counter\n",
            .losesFile,
            line: 3
        ),
        .init("TYPE with a blank at its end", help + "# TYPE a gauge \na 1\n", .losesFile, line: 2, column: 10),
        .init("no value", help + "a\n", .losesFile, line: 2, column: 2),
        .init("a word as a value", help + "a{b=\"1\"} one\n", .losesFile, line: 2, column: 10),
        .init("-nan", help + "a -nan\n", .losesFile, line: 2, column: 3),
        .init("a hexadecimal number", help + "a 0x10\n", .losesFile, line: 2, column: 3),
        .init("a hexadecimal float", help + "a 0x1p4\n", .losesFile, line: 2, column: 3),
        .init("a number with _", help + "a 1_000\n", .losesFile, line: 2, column: 3),
        .init("a number with a comma", help + "a 1,5\n", .losesFile, line: 2, column: 3),
        .init("a number with nothing behind e", help + "a 1e\n", .losesFile, line: 2, column: 3),
        .init("a point without digits", help + "a .\n", .losesFile, line: 2, column: 3),
        .init("a number too large for a Double", help + "a 1e999\n", .losesFile, line: 2, column: 3),
        .init("a blank at the end of a sample", help + "a 1 \n", .losesFile, line: 2, column: 4),
        .init("a timestamp", help + "a 1 1700000000000\n", .losesFile, line: 2, column: 5),
        .init(
            "le that is not a number",
            help + "# TYPE a histogram\na_bucket{le=\"x\"} 1\n",
            .losesFile,
            line: 3,
            column: 14
        ),
        .init(
            "quantile that is not a number",
            help + "# TYPE a summary\na{quantile=\"p99\"} 1\n",
            .losesFile,
            line: 3,
            column: 13
        ),
    ]

    static let openMetrics: [ExpositionCase] = [
        .init("# EOF with a line feed", help + "a 1\n# EOF\n", .serves, line: 3),
        .init("# EOF without a line feed", help + "a 1\n# EOF", .losesFile, line: 3, column: 6),
        .init("# UNIT", help + "# UNIT a seconds\na 1\n", .serves, line: 2),
        .init("an exemplar", help + "a_total 1 # {trace_id=\"ab\"} 1\n", .losesFile, line: 2, column: 11),
        .init("a quoted metric name", "{\"a.b\"} 1\n", .losesFile),
        .init("a quoted label name", help + "a{\"b.c\"=\"1\"} 1\n", .losesFile, line: 2, column: 3),
        .init("the type info", help + "# TYPE a info\na 1\n", .losesFile, line: 2, column: 10),
        .init("the type stateset", help + "# TYPE a stateset\na 1\n", .losesFile, line: 2, column: 10),
        .init("the type unknown", help + "# TYPE a unknown\na 1\n", .losesFile, line: 2, column: 10),
        .init("the type gaugehistogram", help + "# TYPE a gaugehistogram\na 1\n", .losesFile, line: 2, column: 10),
        .init(
            "a counter as OpenMetrics names it",
            "# TYPE a counter\n# HELP a_total h\na_total 3\n",
            .misreads,
            line: 1
        ),
        .init("\\\" in HELP", "# HELP a \\\"x\\\"\na 1\n", .losesFile, line: 1, column: 10),
    ]

    private static let histogram = help + "# TYPE a histogram\n"
    private static let summary = help + "# TYPE a summary\n"

    static let meaning: [ExpositionCase] = [
        .init("no HELP", "# TYPE a gauge\na 1\n", .serves),
        .init("an empty HELP", "# HELP a \na 1\n", .serves),
        .init(
            "invalid UTF-8 in HELP",
            bytes: Array("# HELP a x".utf8) + [0xFF] + Array("\na 1\n".utf8),
            .serves,
            line: 1,
            column: 10
        ),
        .init("a reserved label name", help + "a{__b=\"1\"} 1\n", .panics, line: 2, column: 3),
        .init("the type gauge_histogram", help + "# TYPE a gauge_histogram\na 1\n", .panics),
        .init("a series twice", help + "a{b=\"1\",c=\"2\"} 1\na{c=\"2\",b=\"1\"} 2\n", .dropsSample, line: 3),
        .init("a series twice by an empty label", help + "a{b=\"\"} 1\na 2\n", .dropsSample, line: 3),
        .init("families that mix", help + "# HELP b h\na{c=\"1\"} 1\nb 1\na{c=\"2\"} 1\n", .serves, line: 5),
        .init(
            "a bucket without le",
            histogram + "a_bucket 1\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
            .dropsSample,
            line: 3
        ),
        .init(
            "a bare sample in a histogram",
            histogram + "a 1\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
            .dropsSample,
            line: 3
        ),
        .init(
            "le NaN",
            histogram + "a_bucket{le=\"NaN\"} 1\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
            .dropsSample,
            line: 3
        ),
        .init(
            "a bucket without _bucket",
            histogram + "a{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
            .misreads,
            line: 3
        ),
        .init(
            "a bucket twice",
            histogram + "a_bucket{le=\"1\"} 1\na_bucket{le=\"1.0\"} 2\na_bucket{le=\"+Inf\"} 3\na_sum 1\na_count 3\n",
            .misreads,
            line: 4
        ),
        .init(
            "a fraction as a count",
            histogram + "a_bucket{le=\"1\"} 1.5\na_bucket{le=\"+Inf\"} 2\na_sum 1\na_count 2\n",
            .misreads,
            line: 3
        ),
        .init("a negative count", histogram + "a_bucket{le=\"+Inf\"} 2\na_sum 1\na_count -2\n", .misreads, line: 5),
        .init(
            "a count twice",
            histogram + "a_bucket{le=\"+Inf\"} 2\na_sum 1\na_count 1\na_count 2\n",
            .misreads,
            line: 6
        ),
        .init("a histogram without its sum", histogram + "a_bucket{le=\"+Inf\"} 2\na_count 2\n", .misreads, line: 3),
        .init("a histogram without its count", histogram + "a_bucket{le=\"+Inf\"} 2\na_sum 2\n", .misreads, line: 3),
        .init("a histogram without +Inf", histogram + "a_bucket{le=\"1\"} 2\na_sum 2\na_count 2\n", .serves, line: 3),
        .init(
            "+Inf that is not the count",
            histogram + "a_bucket{le=\"+Inf\"} 2\na_sum 2\na_count 3\n",
            .serves,
            line: 3
        ),
        .init(
            "buckets that decrease",
            histogram + "a_bucket{le=\"1\"} 3\na_bucket{le=\"+Inf\"} 2\na_sum 2\na_count 2\n",
            .serves,
            line: 4
        ),
        .init(
            "a count of its own beside a histogram",
            "# HELP a_count h\na_count 9\n" + histogram + "a_bucket{le=\"+Inf\"} 2\na_sum 2\n",
            .dropsSample,
            line: 2
        ),
        .init("a quantile above 1", summary + "a{quantile=\"99\"} 1\na_sum 1\na_count 1\n", .serves, line: 3),
        .init(
            "a quantile twice",
            summary + "a{quantile=\"0.5\"} 1\na{quantile=\"0.50\"} 2\na_sum 1\na_count 1\n",
            .misreads,
            line: 4
        ),
        .init("a bare sample in a summary", summary + "a 1\na_sum 1\na_count 1\n", .dropsSample, line: 3),
        .init("a summary without its sum", summary + "a{quantile=\"0.5\"} 1\na_count 1\n", .misreads, line: 3),
        .init("a summary without its count", summary + "a{quantile=\"0.5\"} 1\na_sum 1\n", .misreads, line: 3),
        .init("a fraction as a summary's count", summary + "a_sum 1\na_count 10.5\n", .misreads, line: 4),
    ]
}
