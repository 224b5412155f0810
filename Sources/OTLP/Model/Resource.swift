import SpanKitPlatform
import SpanKitRecording

/// The attributes that all spans of a process have in common, such as the service and its instance (OpenTelemetry Resource SDK).
public struct Resource: Sendable, Hashable {
    /// The attributes in the order in which they are written, with unique keys.
    public var attributes: [Attribute]
    /// The URL of the schema that defines the attributes; empty if not specified.
    public var schemaURL: String

    /// Creates a resource. If a key appears twice, the later value is used.
    public init(attributes: [Attribute] = [], schemaURL: String = "") {
        var unique = UniqueAttributes()
        for attribute in attributes { unique.set(attribute) }
        self.attributes = unique.list
        self.schemaURL = schemaURL
    }

    /// The value of an attribute. Setting nil removes the attribute.
    public subscript(key: String) -> AttributeValue? {
        get { attributes.first { $0.key.hasSameBytes(as: key) }?.value }
        set {
            let place = attributes.firstIndex { $0.key.hasSameBytes(as: key) }
            switch (place, newValue) {
            case (let place?, let value?): attributes[place].value = value
            case (let place?, nil): attributes.remove(at: place)
            case (nil, let value?): attributes.append(Attribute(key, value))
            case (nil, nil): break
            }
        }
    }

    /// Names the distribution: your company's package that configures SpanKit for its programs. Sets `telemetry.distro.name` and
    /// `telemetry.distro.version` (OpenTelemetry semantic conventions, "Telemetry attributes").
    ///
    /// ```swift
    /// configuration.resource.setDistribution("acme-telemetry", version: "3.1")
    /// ```
    /// - Parameters:
    ///   - name: A name that does not start with `opentelemetry-`, which is reserved for OpenTelemetry's own distributions.
    ///   - version: The version; nil removes `telemetry.distro.version`.
    public mutating func setDistribution(_ name: String, version: String? = nil) {
        self["telemetry.distro.name"] = .string(name)
        self["telemetry.distro.version"] = version.map { .string($0) }
    }

    /// A resource with the attributes of both. If both have a key, the value of `updating` is used, even if it is
    /// empty. If both have different schema URLs, the result has none (Resource SDK, "Merge").
    public func merging(_ updating: Resource) -> Resource {
        var merged = Resource(attributes: attributes + updating.attributes)
        merged.schemaURL = schemaURL.isEmpty ? updating.schemaURL : schemaURL
        if !updating.schemaURL.isEmpty, merged.schemaURL != updating.schemaURL { merged.schemaURL = "" }
        return merged
    }
}

/// Attributes in the order in which their keys were first added. A later value replaces an earlier one. Keys are compared by their
/// bytes.
package struct UniqueAttributes {
    /// The number of attributes from which keys are looked up in a dictionary. With fewer, a linear search is faster.
    private static let fewest = 24

    package private(set) var list: [Attribute] = []
    private var places: [ByteText: Int] = [:]

    /// - Parameter capacity: The number of attributes that are expected.
    package init(capacity: Int = 0) {
        if capacity > 0 { list.reserveCapacity(capacity) }
    }

    package mutating func set(_ attribute: consuming Attribute) {
        guard list.count < Self.fewest else { return setAmongMany(attribute) }
        // Without a closure, no key is copied.
        for place in list.indices where list[place].key.hasSameBytes(as: attribute.key) {
            list[place].value = attribute.value
            return
        }
        list.append(attribute)
    }

    @inline(never)
    private mutating func setAmongMany(_ attribute: Attribute) {
        if places.isEmpty {
            for (place, known) in list.enumerated() { places[ByteText(known.key)] = place }
        }
        if let place = places[ByteText(attribute.key)] {
            list[place].value = attribute.value
        } else {
            places[ByteText(attribute.key)] = list.count
            list.append(attribute)
        }
    }
}
