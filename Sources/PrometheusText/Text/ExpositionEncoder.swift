import SpanKitOTLP
import SpanKitRecording

/// Writes metrics in the text format into a buffer. Their names and labels must be those of the format.
struct ExpositionEncoder {
    private(set) var bytes: [UInt8] = []
    /// The labels of the metric being written, escaped, without braces.
    private var labels: [UInt8] = []
    /// The start of the lines of all buckets of a point.
    private var prefix: [UInt8] = []
    /// The end of a bucket's labels for each of `edges`. Cached, because formatting numbers is the most expensive part,
    /// and families share edges.
    private var edgeTexts: [[UInt8]] = []
    private var edges: [Double] = []

    mutating func append(_ family: Metric) {
        header("# HELP ", family.name)
        append(escaping: family.description, quotes: false)
        header("\n# TYPE ", family.name)
        bytes.append(contentsOf: family.kind.typeText.utf8)
        bytes.append(lineFeed)
        for point in family.points { append(point, name: family.name) }
    }

    private mutating func header(_ keyword: String, _ name: String) {
        bytes.append(contentsOf: keyword.utf8)
        bytes.append(contentsOf: name.utf8)
        bytes.append(space)
    }

    private mutating func append(_ point: Metric.Point, name: String) {
        setLabels(point.attributes)
        switch point.value {
        case .int(let number):
            nameAndLabels(name, "")
            if number < 0 { bytes.append(UInt8(ascii: "-")) }
            bytes.append(integer: number.magnitude)
            bytes.append(lineFeed)
        case .double(let number):
            sample(name, "", number)
        case .histogram(let histogram):
            append(histogram, name: name)
            if let sum = histogram.sum { sample(name, "_sum", sum) }
            sample(name, "_count", histogram.count)
        case .summary(let summary):
            setPrefix(name, "", label: "quantile")
            for quantile in summary.quantiles {
                bytes.append(contentsOf: prefix)
                bytes.append(number: quantile.quantile)
                bytes.append(contentsOf: "\"} ".utf8)
                bytes.append(number: quantile.value)
                bytes.append(lineFeed)
            }
            sample(name, "_sum", summary.sum)
            sample(name, "_count", summary.count)
        case .distribution, .missing:
            break
        }
    }

    private mutating func append(_ histogram: ExplicitHistogram, name: String) {
        if edges != histogram.bounds || edgeTexts.isEmpty {
            edges = histogram.bounds
            edgeTexts = (edges + [.infinity]).map { Array("\(edgeText($0))\"} ".utf8) }
        }
        setPrefix(name, "_bucket", label: "le")
        for (place, text) in edgeTexts.enumerated() {
            bytes.append(contentsOf: prefix)
            bytes.append(contentsOf: text)
            bytes.append(integer: place < edges.count ? histogram.cumulativeCounts[place] : histogram.count)
            bytes.append(lineFeed)
        }
    }

    private mutating func sample(_ name: String, _ suffix: String, _ value: Double) {
        nameAndLabels(name, suffix)
        bytes.append(number: value)
        bytes.append(lineFeed)
    }

    private mutating func sample(_ name: String, _ suffix: String, _ count: UInt64) {
        nameAndLabels(name, suffix)
        bytes.append(integer: count)
        bytes.append(lineFeed)
    }

    private mutating func nameAndLabels(_ name: String, _ suffix: String) {
        bytes.append(contentsOf: name.utf8)
        bytes.append(contentsOf: suffix.utf8)
        if !labels.isEmpty {
            bytes.append(UInt8(ascii: "{"))
            bytes.append(contentsOf: labels)
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(space)
    }

    private mutating func setLabels(_ labels: [Attribute]) {
        let start = bytes.count
        for (place, label) in labels.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: label.key.utf8)
            bytes.append(contentsOf: "=\"".utf8)
            append(escaping: label.value.labelText, quotes: true)
            bytes.append(UInt8(ascii: "\""))
        }
        self.labels.removeAll(keepingCapacity: true)
        self.labels.append(contentsOf: bytes[start...])
        bytes.removeLast(bytes.count - start)
    }

    private mutating func setPrefix(_ name: String, _ suffix: String, label: String) {
        prefix.removeAll(keepingCapacity: true)
        prefix.append(contentsOf: name.utf8)
        prefix.append(contentsOf: suffix.utf8)
        prefix.append(UInt8(ascii: "{"))
        prefix.append(contentsOf: labels)
        if !labels.isEmpty { prefix.append(UInt8(ascii: ",")) }
        prefix.append(contentsOf: label.utf8)
        prefix.append(contentsOf: "=\"".utf8)
    }

    private mutating func append(escaping text: String, quotes: Bool) {
        let special: (UInt8) -> Bool = { $0 == UInt8(ascii: "\\") || $0 == lineFeed || $0 == UInt8(ascii: "\"") }
        guard text.utf8.contains(where: special) else { return bytes.append(contentsOf: text.utf8) }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"):
                bytes.append(byte)
                bytes.append(byte)
            case lineFeed:
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(UInt8(ascii: "n"))
            case UInt8(ascii: "\"") where quotes:
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            default:
                bytes.append(byte)
            }
        }
    }
}

private let lineFeed = UInt8(ascii: "\n")
private let space = UInt8(ascii: " ")
