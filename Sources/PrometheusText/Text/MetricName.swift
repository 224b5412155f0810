import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Converts OpenTelemetry's names to those of the text format 0.0.4 ("Prometheus and OpenMetrics Compatibility").
///
/// The quoted names of Prometheus 3 are not used: the textfile collector drops a file that contains one.
public enum MetricName {
    /// The name of a metric's family. It ends with the unit's name, if there is a unit, and with `_total` for counters.
    public static func family(of metric: Metric) -> String {
        var name = mapped(metric.name, allowsColon: true)
        let isCounter = metric.kind == .sum(isMonotonic: true)
        if isCounter, name.hasSuffix("_total") { name.removeLast(6) }
        let unit = word(forUnit: metric.unit, isGauge: metric.kind == .gauge)
        if !unit.isEmpty, !name.hasSuffix("_\(unit)") { name += "_\(unit)" }
        return isCounter ? name + "_total" : name
    }

    /// The names of all samples of a metric.
    static func samples(of metric: Metric) -> [String] {
        let family = family(of: metric)
        return metric.kind.suffixes.map { family + $0 }
    }

    /// The label name for an attribute key. Characters other than letters, digits and `_` become `_`, and consecutive
    /// `_` become one.
    public static func label(forAttribute key: String) -> String {
        isLabel(key) ? key : mapped(key, allowsColon: false)
    }

    /// Whether the key is a label name that ``label(forAttribute:)`` does not change.
    private static func isLabel(_ key: String) -> Bool {
        var previous: UInt8?
        for byte in key.utf8 {
            guard isNameByte(byte), previous != nil || !isDigit(byte), byte != UInt8(ascii: "_") || previous != byte
            else { return false }
            previous = byte
        }
        return previous != nil
    }

    /// The attributes as labels with text values, sorted by name. Empty values are left out, because the format treats
    /// them as missing. If several keys become the same name, their values are joined in the order of the keys.
    static func labels(for attributes: [Attribute]) -> [Attribute] {
        if areLabels(attributes) { return attributes }
        var labels: [Attribute] = []
        for attribute in attributes.sorted(by: { ByteText($0.key) < ByteText($1.key) }) {
            let value = attribute.value.labelText
            if value.isEmpty { continue }
            let name = label(forAttribute: attribute.key)
            if let place = labels.firstIndex(where: { $0.key == name }) {
                labels[place].value = .string("\(labels[place].value.labelText);\(value)")
            } else {
                labels.append(Attribute(name, .string(value)))
            }
        }
        return labels.sorted { $0.key < $1.key }
    }

    /// Whether ``labels(for:)`` does not change these attributes, which is so for all that SpanKit makes itself.
    static func areLabels(_ attributes: [Attribute]) -> Bool {
        for (place, attribute) in attributes.enumerated() {
            guard case .string(let value) = attribute.value, !value.isEmpty, isLabel(attribute.key),
                place == 0 || attributes[place - 1].key < attribute.key
            else { return false }
        }
        return true
    }

    // MARK: Characters

    package static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    package static func isNameByte(_ byte: UInt8) -> Bool {
        byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z") || byte == UInt8(ascii: "_")
            || isDigit(byte)
    }

    private static func mapped(_ text: String, allowsColon: Bool) -> String {
        var name: [UInt8] = []
        for byte in text.utf8 {
            let isKept = isNameByte(byte) || allowsColon && byte == UInt8(ascii: ":")
            let mapped = isKept ? byte : UInt8(ascii: "_")
            if mapped == UInt8(ascii: "_"), name.last == mapped { continue }
            name.append(mapped)
        }
        if let first = name.first, isDigit(first) { name.insert(UInt8(ascii: "_"), at: 0) }
        return name.isEmpty ? "_" : String(decoding: name, as: UTF8.self)
    }

    // MARK: Units

    /// The name of a UCUM unit. An annotation in braces is not part of it.
    private static func word(forUnit unit: String, isGauge: Bool) -> String {
        if unit == "1" { return isGauge ? "ratio" : "" }
        let words = unit.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map { part -> String in
            let plain = String(part.prefix { $0 != "{" })
            return plain.isEmpty ? "" : unitWords[plain] ?? mapped(plain, allowsColon: false)
        }
        guard let per = words.dropFirst().first, !per.isEmpty else { return words[0] }
        let singular = per.hasSuffix("s") ? String(per.dropLast()) : per
        return words[0].isEmpty ? "per_\(singular)" : "\(words[0])_per_\(singular)"
    }

    private static let unitWords = [
        "d": "days", "h": "hours", "min": "minutes", "s": "seconds", "ms": "milliseconds", "us": "microseconds",
        "ns": "nanoseconds", "By": "bytes", "KiBy": "kibibytes", "MiBy": "mebibytes", "GiBy": "gibibytes",
        "TiBy": "tibibytes", "KBy": "kilobytes", "MBy": "megabytes", "GBy": "gigabytes", "TBy": "terabytes",
        "m": "meters", "V": "volts", "A": "amperes", "J": "joules", "W": "watts", "g": "grams", "Cel": "celsius",
        "Hz": "hertz", "%": "percent",
    ]
}

extension AttributeValue {
    /// The value as a label: texts unchanged, numbers and booleans as text, bytes and maps as their count.
    package var labelText: String {
        switch self {
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        case .string(let value): value
        case .bytes(let value): "\(value.count) bytes"
        case .array(let values): values.map(\.labelText).joined(separator: ",")
        case .map(let values): "\(values.count) values"
        case .null: ""
        }
    }
}

extension Metric.Kind {
    /// The metric type in a `# TYPE` line.
    package var typeText: String {
        switch self {
        case .sum(isMonotonic: true): "counter"
        case .gauge, .sum: "gauge"
        case .histogram, .exponentialHistogram: "histogram"
        case .summary: "summary"
        case .unknown: "untyped"
        }
    }

    /// The suffixes of its samples' names.
    package var suffixes: [String] {
        switch self {
        case .gauge, .sum, .unknown: [""]
        case .histogram, .exponentialHistogram: ["", "_bucket", "_sum", "_count"]
        case .summary: ["", "_sum", "_count"]
        }
    }

    /// The label that the format reserves for this kind.
    package var reservedLabel: String? {
        switch self {
        case .gauge, .sum, .unknown: nil
        case .histogram, .exponentialHistogram: "le"
        case .summary: "quantile"
        }
    }
}
