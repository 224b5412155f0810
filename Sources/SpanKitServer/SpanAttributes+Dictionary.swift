import Tracing

/// Access to the private dictionary in `SpanAttributes`. The public API can only remove attributes key by key, and
/// reading makes a call and copies for each attribute.
extension SpanAttributes {
    typealias Elements = [String: SpanAttribute]

    /// Whether reflection shows that the dictionary is the only stored property. Then the struct has the layout of the
    /// dictionary.
    static let isOneDictionary: Bool = {
        let parts = Mirror(reflecting: SpanAttributes(["key": .bool(true)])).children.map(\.value)
        return parts.count == 1 && parts[0] is Elements
            && MemoryLayout<SpanAttributes>.size == MemoryLayout<Elements>.size
    }()

    /// Calls `body` with the dictionary, in place if possible, or else with a copy that replaces it.
    @inline(__always)
    mutating func withElements<State, Result>(
        _ state: inout State,
        _ body: (inout Elements, inout State) -> Result
    ) -> Result {
        guard Self.isOneDictionary else { return withCopiedElements(&state, body) }
        return withUnsafeMutablePointer(to: &self) { attributes in
            attributes.withMemoryRebound(to: Elements.self, capacity: 1) { body(&$0.pointee, &state) }
        }
    }

    @inline(never)
    mutating func withCopiedElements<State, Result>(
        _ state: inout State,
        _ body: (inout Elements, inout State) -> Result
    ) -> Result {
        var elements = Elements(minimumCapacity: count)
        forEach { elements[$0] = $1 }
        defer { self = SpanAttributes(elements) }
        return body(&elements, &state)
    }

    /// Removes all attributes and keeps the memory.
    mutating func removeAll() {
        var nothing: Void = ()
        withElements(&nothing) { elements, _ in elements.removeAll(keepingCapacity: true) }
    }
}
