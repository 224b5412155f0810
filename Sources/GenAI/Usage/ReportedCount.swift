import Foundation

/// A count in a provider's response; nil if it is not valid.
///
/// Valid counts are integers of 0 or more that fit `Int`, as a JSON number or as a string of digits, which some gateways send.
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
    /// The count of a key; nil if it is missing or not valid.
    func count(_ key: Key) -> Int? {
        (try? decodeIfPresent(ReportedCount.self, forKey: key))?.value
    }

    /// The object of a key; nil if it is missing or not an object.
    func part<Keys: CodingKey>(_ key: Key, _ keys: Keys.Type) -> KeyedDecodingContainer<Keys>? {
        try? nestedContainer(keyedBy: keys, forKey: key)
    }
}

extension Int {
    /// The sum; nil if it does not fit `Int`.
    func adding(_ other: Int) -> Int? {
        let (sum, isOverflow) = addingReportingOverflow(other)
        return isOverflow ? nil : sum
    }
}
