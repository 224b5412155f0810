import Foundation

/// A count in a provider's answer, read as it should have been meant.
///
/// A whole number of 0 or more counts, as a JSON number or as a text of digits (some gateways write those). Anything else is not
/// known: negative, fractional, beyond `Int`, another type.
struct ReportedCount: Decodable {
    let value: Int?

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int.self) {
            value = number >= 0 ? number : nil
        } else if let number = try? container.decode(Double.self) {
            value = number >= 0 ? Int(exactly: number) : nil
        } else if let text = try? container.decode(String.self), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            value = Int(text)
        } else {
            value = nil
        }
    }
}

extension KeyedDecodingContainer {
    /// The count of a key; nil where it is missing or unreadable.
    func count(_ key: Key) -> Int? {
        (try? decodeIfPresent(ReportedCount.self, forKey: key))?.value
    }

    /// What is under a key; nil where it is missing or not an object.
    func part<Keys: CodingKey>(_ key: Key, _ keys: Keys.Type) -> KeyedDecodingContainer<Keys>? {
        try? nestedContainer(keyedBy: keys, forKey: key)
    }
}

extension Int {
    /// The sum, nil beyond what an `Int` holds.
    func adding(_ other: Int) -> Int? {
        let (sum, isOverflow) = addingReportingOverflow(other)
        return isOverflow ? nil : sum
    }
}
