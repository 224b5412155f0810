import SpanKitPlatform
import SpanKitRecording

/// The texts and the attributes of a page, each of them once.
struct PairTable: Sendable {
    private struct Pair: Hashable {
        var key: UInt32
        var value: UInt32
    }

    /// The maximum size of a value in bytes; `nil` for no limit.
    let longestValue: Int?
    private var table = NameTable(limit: .max)
    private var numbers: [Pair: Int] = [:]
    private var column = JSONColumn()
    /// The number of values that were cut.
    private(set) var cutCount = 0

    init(longestValue: Int?) {
        self.longestValue = longestValue
        _ = number(of: "")
    }

    /// The number of a text. The empty text has the number 0.
    mutating func number(of text: String) -> UInt32 { table.number(of: text) }

    /// The number of a text after it was cut to the maximum size.
    mutating func number(ofValue text: String) -> UInt32 {
        guard let longestValue, text.utf8.count > longestValue else { return number(of: text) }
        cutCount += 1
        let head = text.cut(toBytes: longestValue)
        return number(of: head + "… (\(text.utf8.count - head.utf8.count) more bytes)")
    }

    /// The numbers of attributes, which are counted in the order in which they first occur.
    mutating func numbers(of attributes: [Attribute]) -> [Int] {
        attributes.map { attribute in
            let pair = Pair(
                key: number(of: attribute.key),
                value: number(ofValue: FullDetails.value(of: attribute))
            )
            if let number = numbers[pair] { return number }
            let number = numbers.count
            numbers[pair] = number
            column.append(pair.key)
            column.append(pair.value)
            return number
        }
    }

    /// The texts as a JSON list.
    var textsJSON: String {
        var column = JSONColumn()
        for text in table.names { column.append(text) }
        return column.json
    }

    /// The numbers of each attribute's key and value as a JSON list.
    var pairsJSON: String { column.json }
}
