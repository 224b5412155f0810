/// The library that recorded the spans (OpenTelemetry `InstrumentationScope`).
public struct InstrumentationScope: Sendable, Hashable {
    /// The library's name; empty if not specified.
    public var name: String
    /// The library's version; empty if not specified.
    public var version: String
    /// Additional attributes of the library.
    public var attributes: [Attribute]
    /// The URL of the schema that defines the attributes of the library's spans; empty if not specified.
    public var schemaURL: String

    /// Creates a scope.
    public init(name: String = "", version: String = "", attributes: [Attribute] = [], schemaURL: String = "") {
        self.name = name
        self.version = version
        self.attributes = attributes
        self.schemaURL = schemaURL
    }
}

// How a scope is written into the region.
extension InstrumentationScope {
    private static let nameKey = "name"
    private static let versionKey = "version"
    private static let schemaURLKey = "schema_url"
    private static let attributesKey = "attributes"

    /// The scope as entries.
    var entries: EntryBytes {
        var entries = EntryBytes()
        entries.write([
            Attribute(Self.nameKey, .string(name)), Attribute(Self.versionKey, .string(version)),
            Attribute(Self.schemaURLKey, .string(schemaURL)), Attribute(Self.attributesKey, .map(attributes)),
        ])
        return entries
    }

    /// Reads entries that may be damaged. Parts that are missing are empty.
    init(_ entries: Entries) {
        self.init()
        for part in entries.attributes({ _ in .empty }) {
            switch (part.key, part.value) {
            case (Self.nameKey, .string(let text)): name = text
            case (Self.versionKey, .string(let text)): version = text
            case (Self.schemaURLKey, .string(let text)): schemaURL = text
            case (Self.attributesKey, .map(let attributes)): self.attributes = attributes
            default: break
            }
        }
    }
}
