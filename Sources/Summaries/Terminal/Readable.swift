import SpanKitPlatform

/// Formats numbers for tables and sentences: three significant digits in a suitable unit.
package enum Readable {
    /// A duration for a column. The unit `s` is padded so that digits line up.
    package static func duration(_ nanoseconds: UInt64) -> String {
        let text = ReadableDuration(nanoseconds: nanoseconds).description
        return text.hasSuffix(" s") && !text.contains(" m ") ? text + " " : text
    }

    /// A duration for a sentence.
    package static func durationInText(_ nanoseconds: UInt64) -> String {
        ReadableDuration(nanoseconds: nanoseconds).description
    }

    /// A time with milliseconds and its zone: `2026-11-23 10:15:32.123 +01:00`, or `2026-11-23 09:15:32.123 UTC`.
    package static func moment(_ unixNanoseconds: Int64, in zone: DisplayZone) -> String {
        let text = zone.text(unixNanoseconds: unixNanoseconds)
        return "\(text.time) \(text.zone)"
    }

    /// A period: `2026-11-23 10:15:32.123 – 10:15:40.456 UTC`.
    package static func period(_ first: Int64, _ last: Int64, in zone: DisplayZone) -> String {
        let (start, end) = (zone.text(unixNanoseconds: first), zone.text(unixNanoseconds: last))
        if start == end { return moment(first, in: zone) }
        guard start.zone == end.zone else { return "\(moment(first, in: zone)) – \(moment(last, in: zone))" }
        let dayEnd = 11
        let isSameDay = start.time.prefix(dayEnd) == end.time.prefix(dayEnd)
        return "\(start.time) – \(isSameDay ? String(end.time.dropFirst(dayEnd)) : end.time) \(end.zone)"
    }

    /// A fraction as a percentage with one decimal; `<0.1 %` if it is positive but rounds to zero.
    package static func percent(_ share: Double) -> String {
        guard share.isFinite else { return "–" }
        let tenths = Int((share * 1_000).rounded())
        if tenths == 0, share > 0 { return "<0.1 %" }
        return "\(tenths / 10).\(abs(tenths % 10)) %"
    }

    /// A ratio such as `3.4 ×`, with one decimal below 100.
    package static func ratio(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        let tenths = Int((min(value, 1e12) * 10).rounded())
        return tenths < 1_000 ? "\(tenths / 10).\(tenths % 10) ×" : "\(tenths / 10) ×"
    }

    /// A change in bytes in binary units, such as `+1.20 MiB`; `0 B` without a sign.
    package static func signedBytes(_ bytes: Double) -> String {
        guard bytes.isFinite else { return "–" }
        let text = self.bytes(bytes.magnitude)
        return text == "0 B" ? text : (bytes < 0 ? "−" : "+") + text
    }

    /// A number of bytes in binary units, such as `1.20 MiB`.
    package static func bytes(_ bytes: Double) -> String {
        var value = bytes.rounded()
        var units = ["B", "KiB", "MiB", "GiB", "TiB"][...]
        while value >= 999.5, units.count > 1 {
            value = value / 1_024
            units = units.dropFirst()
        }
        let unit = units.first ?? ""
        guard unit != "B" else { return "\(Int(value)) B" }
        let (decimals, factor) = value < 9.995 ? (2, 100.0) : value < 99.95 ? (1, 10) : (0, 1)
        return Int((value * factor).rounded()).fixedPoint(decimals) + " \(unit)"
    }

    /// A count in groups of three digits, such as `1 234 567`; 0 for a negative value.
    package static func count(_ value: some BinaryInteger) -> String {
        let digits = String(max(0, value))
        var result = ""
        for (offset, digit) in digits.enumerated() {
            if offset > 0, (digits.count - offset) % 3 == 0 { result += " " }
            result.append(digit)
        }
        return result
    }

    /// A count with its noun: `1 message`, `39 messages`.
    /// - Parameter plural: The noun's plural, if it is not the noun with an `s`.
    package static func count(_ value: some BinaryInteger, of noun: String, plural: String? = nil) -> String {
        "\(count(value)) \(value == 1 ? noun : plural ?? noun + "s")"
    }

    /// A count with its noun and the rest of the sentence: `1 span is open`, `2 spans are open`.
    package static func count(
        _ value: some BinaryInteger,
        of noun: String,
        _ singular: String,
        _ plural: String
    ) -> String {
        "\(count(value, of: noun)) \(value == 1 ? singular : plural)"
    }

    /// A number with a fixed number of decimals, without an exponent.
    package static func fixed(_ value: Double, decimals: Int) -> String {
        guard value.isFinite else { return "0" }
        let factor = (0..<decimals).reduce(1.0) { factor, _ in factor * 10 }
        let scaled = Int64(min(value.magnitude * factor, 9e18).rounded())
        return (value < 0 && scaled > 0 ? "-" : "") + scaled.fixedPoint(decimals)
    }

    /// A number from 0 up with one decimal, such as `12.5`; without it if it is zero, such as `12`.
    package static func oneDecimal(_ value: Double) -> String {
        let text = fixed(min(max(value, 0), 1e12), decimals: 1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// A relative change with its sign, such as `+12.5 %` or `−3.0 %`; for three times as much or more, a factor such
    /// as `×4.2`.
    package static func change(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        if value >= 2 { return "×" + ratio(1 + value).dropLast(2) }
        let tenths = Int((value.magnitude * 1_000).rounded())
        let sign = tenths == 0 ? "±" : value < 0 ? "−" : "+"
        return "\(sign)\(tenths / 10).\(tenths % 10) %"
    }
}
