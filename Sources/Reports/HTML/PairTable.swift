import SpanKitPlatform
import SpanKitRecording

/// The texts and the attributes of a page, each of them once.
///
/// The search compares values as `--where` does, so the page also contains their types and the elements of lists.
struct PairTable: Sendable {
    private struct Pair: Hashable {
        var key: UInt32
        var value: UInt32
        var kind: UInt8
        var elements: [Int]
    }

    /// The maximum size of a value in bytes; `nil` for no limit.
    let longestValue: Int?
    private var table = NameTable(limit: .max)
    private var numbers: [Pair: Int] = [:]
    private var column = JSONColumn()
    private var kinds: [UInt8] = []
    private var lists = JSONColumn()
    private var listElements = JSONColumn()
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
        attributes.map { number(of: $0) }
    }

    private mutating func number(of attribute: Attribute) -> Int {
        let pair = Pair(
            key: number(of: attribute.key),
            value: number(ofValue: FullDetails.value(of: attribute)),
            kind: attribute.value.kindLetter,
            elements: elements(of: attribute)
        )
        if let number = numbers[pair] { return number }
        let number = numbers.count
        numbers[pair] = number
        column.append(pair.key)
        column.append(pair.value)
        kinds.append(pair.kind)
        if case .array = attribute.value {
            lists.append(number)
            var column = JSONColumn()
            for element in pair.elements { column.append(element) }
            listElements.append(column)
        }
        return number
    }

    /// The elements of a list as attributes with the key of the list. They are not shown, so ``cutCount`` does not
    /// include their cut texts.
    private mutating func elements(of attribute: Attribute) -> [Int] {
        guard case .array(let values) = attribute.value else { return [] }
        let shownCutCount = cutCount
        defer { cutCount = shownCutCount }
        return values.map { number(of: Attribute(attribute.key, $0)) }
    }

    /// The texts as a JSON list.
    var textsJSON: String {
        var column = JSONColumn()
        for text in table.names { column.append(text) }
        return column.json
    }

    /// The attributes as members of a JSON object: the numbers of each one's key and value, a letter for each one's type, and the elements
    /// of lists.
    var members: [(String, String)] {
        [
            ("pairs", column.json), ("pairKinds", "\"\(String(decoding: kinds, as: UTF8.self))\""),
            ("lists", lists.json),
            ("listElements", listElements.json),
        ]
    }
}

extension AttributeValue {
    /// The letter of the type.
    fileprivate var kindLetter: UInt8 {
        switch self {
        case .string: UInt8(ascii: "s")
        case .int: UInt8(ascii: "i")
        case .double: UInt8(ascii: "d")
        case .bool: UInt8(ascii: "b")
        case .null: UInt8(ascii: "n")
        case .array: UInt8(ascii: "a")
        case .bytes, .map: UInt8(ascii: "o")
        }
    }
}
