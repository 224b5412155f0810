import SpanKitInputs
import SpanKitOTLP
import SpanKitPrometheusText

/// A metrics text, or the part of node_exporter's answer that comes from one file.
package struct Served {
    package var hasScrapeError = false
    package var hasModificationTime = false
    /// All lines that are not empty.
    package var lines: [String]
    /// Every sample that the reader can read, whether or not the text has problems.
    package var samples: [String]
    /// The families as SpanKit writes them.
    package var text: String

    package init(_ answer: String, file: String) {
        let lines = answer.split(separator: "\n", omittingEmptySubsequences: false)
        let own = ["node_", "promhttp_", "# HELP node_", "# TYPE node_", "# HELP promhttp_", "# TYPE promhttp_"]
        self.init(
            lines: lines.filter { line in !own.contains { line.hasPrefix($0) } }.joined(separator: "\n")
        )
        hasScrapeError = !lines.contains("node_textfile_scrape_error 0")
        hasModificationTime = lines.contains { $0.hasPrefix("node_textfile_mtime_seconds{file=\"\(file)\"}") }
    }

    package init(lines text: String) {
        lines = text.split(separator: "\n").map(String.init)
        let families = ExpositionText.readableFamilies(in: Array(text.utf8))
        samples = families.flatMap(\.samples).map { sample in
            let labels = sample.labels.map { "\($0.key)=\($0.value.labelText)" }.joined(separator: ",")
            let value = sample.value
            // As the text format writes it: a whole number without a decimal point.
            let number = value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
            return "\(sample.name){\(labels)} \(number)"
        }
        self.text = String(decoding: (try? ExpositionText.encode(families)) ?? [], as: UTF8.self)
    }
}
