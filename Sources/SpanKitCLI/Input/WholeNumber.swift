/// Reads numbers of rows and the like from the command line.
enum WholeNumber {
    /// Why a text is none.
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    /// For `@Option(transform:)`, with `parsing: .unconditional`: `-1` is to be told from a missing value.
    static func atLeast(_ least: Int) -> @Sendable (String) throws -> Int {
        { text in
            guard let number = Int(text), number >= least else {
                throw Problem(description: "give a whole number, \(least) or more")
            }
            return number
        }
    }
}
