/// A key with its value.
public struct JudgedAttribute: Sendable, Hashable, Decodable {
    /// The name.
    public var key: String
    /// What it says.
    public var value: JudgedValue

    /// An attribute to compare with.
    public init(_ key: String, _ value: JudgedValue) {
        self.key = key
        self.value = value
    }
}
