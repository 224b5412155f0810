/// Names by numbers, each once; bounded, so that names with ids in them do not take the memory.
package struct NameTable: Sendable {
    /// What names beyond the limit are called.
    package static let overflowName = "(other names)"

    private let limit: Int
    private var numbers: [String: UInt32] = [:]
    /// By number.
    package private(set) var names: [String] = []

    package init(limit: Int = 20_000) {
        self.limit = limit
    }

    package mutating func number(of name: String) -> UInt32 {
        if let number = numbers[name] { return number }
        guard names.count < limit || name == Self.overflowName else { return number(of: Self.overflowName) }
        let number = UInt32(names.count)
        names.append(name)
        numbers[name] = number
        return number
    }

    package subscript(number: UInt32) -> String { names[Int(number)] }
}
