import SpanKitOTLP
import SpanKitTestSupport

@testable import SpanKitInputs
@testable import SpanKitPrometheusText

/// A text, or the part of an answer that comes from one file.
struct Served {
    var hasScrapeError = false
    var hasModificationTime = false
    /// All lines that are no empty ones.
    var lines: [String]
    /// Every sample as our reader understands it, problems or not.
    var samples: [String]
    /// The families as we write them.
    var text: String

    init(_ answer: String, file: String) {
        let lines = answer.split(separator: "\n", omittingEmptySubsequences: false)
        let own = ["node_", "promhttp_", "# HELP node_", "# TYPE node_", "# HELP promhttp_", "# TYPE promhttp_"]
        self.init(lines: lines.filter { line in !own.contains { line.hasPrefix($0) } }.joined(separator: "\n"))
        hasScrapeError = !lines.contains("node_textfile_scrape_error 0")
        hasModificationTime = lines.contains { $0.hasPrefix("node_textfile_mtime_seconds{file=\"\(file)\"}") }
    }

    init(lines text: String) {
        lines = text.split(separator: "\n").map(String.init)
        var reader = ExpositionReader(Array(text.utf8), maximumProblems: 100)
        reader.read()
        let families = reader.makeFamilies()
        samples = families.flatMap(\.samples).map {
            "\($0.name){\($0.labels.map { "\($0.key)=\($0.value.labelText)" }.joined(separator: ","))} \(numberText($0.value))"
        }
        self.text = String(decoding: (try? ExpositionText.encode(families)) ?? [], as: UTF8.self)
    }
}
