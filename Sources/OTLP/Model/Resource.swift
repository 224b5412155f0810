import SpanKitRecording

/// What all spans of a process have in common: the service, its instance, the library that recorded them
/// (OpenTelemetry Resource SDK).
public struct Resource: Sendable, Hashable {
    /// In the order they are written; keys are unique.
    public var attributes: [Attribute]
    /// Where the meaning of the attributes is defined; empty when nobody said.
    public var schemaURL: String

    /// Creates a resource. Where a key stands twice, the later value wins.
    public init(attributes: [Attribute] = [], schemaURL: String = "") {
        var unique = UniqueAttributes()
        for attribute in attributes { unique.set(attribute) }
        self.attributes = unique.list
        self.schemaURL = schemaURL
    }

    /// The value of an attribute; setting nil takes it out.
    public subscript(key: String) -> AttributeValue? {
        get { attributes.first { $0.key == key }?.value }
        set {
            let place = attributes.firstIndex { $0.key == key }
            switch (place, newValue) {
            case (let place?, let value?): attributes[place].value = value
            case (let place?, nil): attributes.remove(at: place)
            case (nil, let value?): attributes.append(Attribute(key, value))
            case (nil, nil): break
            }
        }
    }

    /// Both together; where both have a key, `updating` wins, even with an empty value (Resource SDK, "Merge").
    public func merging(_ updating: Resource) -> Resource {
        var merged = Resource(attributes: attributes + updating.attributes)
        merged.schemaURL = schemaURL.isEmpty ? updating.schemaURL : schemaURL
        if !updating.schemaURL.isEmpty, merged.schemaURL != updating.schemaURL { merged.schemaURL = "" }
        return merged
    }
}
