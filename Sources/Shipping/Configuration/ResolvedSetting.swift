/// A setting as it is in force, and where it comes from.
public struct ResolvedSetting: Sendable, Hashable {
    /// Such as `endpoint`.
    public var name: String
    /// Without secrets.
    public var value: String
    /// A variable, an option, or `default`.
    public var source: String

    /// Creates a setting.
    public init(_ name: String, _ value: String, source: String) {
        self.name = name
        self.value = value
        self.source = source
    }
}
