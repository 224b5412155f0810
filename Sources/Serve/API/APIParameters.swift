import SpanKitPlatform
import SpanKitReports
import SpanKitStore

/// Why a request cannot be answered: a status, and what happened, where, and what to do, in one line.
struct APIFailure: Error, Equatable {
    let status: Int
    let message: String

    static func parameter(_ name: String, _ message: String) -> APIFailure {
        APIFailure(status: 400, message: "\(name): \(message)")
    }

    var body: JSONText { .object([("error", .string(message))]) }
}

/// The query parameters of a request.
struct APIParameters: Sendable {
    private let values: [String: String]
    private let now: Int64

    /// - Parameter items: The decoded names and values.
    /// - Throws: ``APIFailure`` if a parameter is given twice.
    init(_ items: [(name: String, value: String)], now: Int64 = UnixTime.nanoseconds()) throws(APIFailure) {
        var values: [String: String] = [:]
        for item in items where !item.value.isEmpty {
            guard values.updateValue(item.value, forKey: item.name) == nil else {
                throw .parameter(item.name, "is given twice; give it once")
            }
        }
        (self.values, self.now) = (values, now)
    }

    subscript(name: String) -> String? { values[name] }

    /// What the parameters `q`, `where`, `from`, `to` and `trace` select.
    /// - Parameter subject: What the filters are applied to.
    func selection(of subject: SpanFilter.Subject = .spans) throws(APIFailure) -> SpanSelection {
        var selection = SpanSelection()
        let parts = try [filter("q", subject, searchesText: true), filter("where", subject, searchesText: false)]
            .compactMap { $0 }
        selection.filter = parts.count > 1 ? .all(parts) : parts.first
        selection.since = try time("from")
        selection.until = try time("to")
        if let since = selection.since, let until = selection.until, since >= until {
            throw .parameter("from", "is not before 'to'; give a shorter time ago, or leave one out")
        }
        if let trace = values["trace"] { selection.traceDigits = try Self.digits(trace, of: "trace") }
        return selection
    }

    private func filter(
        _ name: String,
        _ subject: SpanFilter.Subject,
        searchesText: Bool
    ) throws(APIFailure) -> SpanFilter? {
        guard let text = values[name] else { return nil }
        do { return try SpanFilter(text, of: subject, searchesText: searchesText) } catch {
            throw .parameter(name, "\(error)")
        }
    }

    /// The spans that another parameter selects, such as `before`.
    func filter(_ name: String) throws(APIFailure) -> SpanFilter? {
        try filter(name, .spans, searchesText: true)
    }

    /// The first digits of a trace's id, in lower case.
    static func digits(_ text: String, of name: String) throws(APIFailure) -> String {
        let digits = text.lowercased()
        guard (1...32).contains(digits.utf8.count), digits.utf8.allSatisfy("0123456789abcdef".utf8.contains) else {
            throw .parameter(
                name,
                "'\(text.cut(toBytes: 64))' is not the beginning of a trace id; give hexadecimal digits"
            )
        }
        return digits
    }

    /// Nanoseconds since 1970-01-01 UTC, from a whole number of them, an RFC 3339 time, or a duration before now.
    func time(_ name: String) throws(APIFailure) -> Int64? {
        guard let text = values[name] else { return nil }
        if let nanoseconds = Int64(text), nanoseconds >= 0 { return nanoseconds }
        do { return try TimePoint.nanoseconds(text, now: now, zone: .utc) } catch {
            throw .parameter(name, "\(error.description), or nanoseconds since 1970")
        }
    }

    func number(_ name: String, usual: Int, in range: ClosedRange<Int>) throws(APIFailure) -> Int {
        guard let text = values[name] else { return usual }
        guard let number = Int(text), range.contains(number) else {
            throw .parameter(
                name,
                "'\(text.cut(toBytes: 64))' is not a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String,
        usual: Choice
    ) throws(APIFailure) -> Choice where Choice.RawValue == String {
        guard let text = values[name] else { return usual }
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw .parameter(name, "'\(text.cut(toBytes: 64))' is unknown; give one of \(known)")
        }
        return choice
    }

    /// A number that is the same for requests with the same query, so that a cursor of another one is refused.
    func fingerprint(of names: [String]) -> UInt64 {
        // FNV-1a over the lengths and the bytes.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for name in names {
            let bytes = Array((values[name] ?? "").utf8)
            for byte in Array("\(bytes.count):".utf8) + bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        return hash
    }
}
