import SpanKitPlatform

/// Numbers as a person reads them in a column: three significant digits, the unit that fits.
package enum Readable {
    /// A duration; the one-letter unit is padded so that the digits of a column line up.
    package static func duration(_ nanoseconds: UInt64) -> String {
        let text = ReadableDuration(nanoseconds: nanoseconds).description
        return text.hasSuffix(" s") && !text.contains(" m ") ? text + " " : text
    }

    /// A duration inside a sentence.
    package static func durationInText(_ nanoseconds: UInt64) -> String {
        ReadableDuration(nanoseconds: nanoseconds).description
    }

    /// A share of one as per cent with one decimal; what is there but rounds to nothing is `<0.1 %`.
    package static func percent(_ share: Double) -> String {
        guard share.isFinite else { return "–" }
        let tenths = Int((share * 1_000).rounded())
        if tenths == 0, share > 0 { return "<0.1 %" }
        return "\(tenths / 10).\(abs(tenths % 10)) %"
    }

    /// A ratio with one decimal below 100, whole above: `3.4 ×`.
    package static func ratio(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        let tenths = Int((min(value, 1e12) * 10).rounded())
        return tenths < 1_000 ? "\(tenths / 10).\(tenths % 10) ×" : "\(tenths / 10) ×"
    }

    /// Bytes in binary units with sign, such as `+1.20 MiB`; `0 B` where nothing changed.
    package static func signedBytes(_ bytes: Double) -> String {
        guard bytes.isFinite else { return "–" }
        let text = self.bytes(bytes.magnitude)
        return text == "0 B" ? text : (bytes < 0 ? "−" : "+") + text
    }

    /// Bytes in binary units, such as `1.20 MiB`.
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

    /// A count with thin groups of three: `1 234 567`.
    package static func count(_ value: UInt64) -> String {
        let digits = String(value)
        var result = ""
        for (offset, digit) in digits.enumerated() {
            if offset > 0, (digits.count - offset) % 3 == 0 { result += " " }
            result.append(digit)
        }
        return result
    }

    /// A whole with its noun: `1 message`, `39 messages`.
    package static func count(_ value: Int, of noun: String) -> String {
        "\(count(UInt64(max(0, value)))) \(noun)\(value == 1 ? "" : "s")"
    }
}

extension Readable {
    /// A change as a part of what was, with its sign: `+12.5 %`, `−3.0 %`, `×4.2` from three times as much on.
    package static func change(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        if value >= 2 { return "×" + ratio(1 + value).dropLast(2) }
        let tenths = Int((value.magnitude * 1_000).rounded())
        let sign = tenths == 0 ? "±" : value < 0 ? "−" : "+"
        return "\(sign)\(tenths / 10).\(tenths % 10) %"
    }
}
