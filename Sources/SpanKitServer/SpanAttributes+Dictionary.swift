import Tracing

/// `SpanAttributes` is one dictionary and shows it to nobody: emptying it takes a removal of every key, and looking through it
/// a call and copies for each attribute. Here it is taken as what it is.
extension SpanAttributes {
    typealias Elements = [String: SpanAttribute]

    /// Whether it is known to be one dictionary and nothing else. A struct of one stored property has the layout of that
    /// property, and which properties it has is what reflection says.
    static let isOneDictionary: Bool = {
        let parts = Mirror(reflecting: SpanAttributes(["key": .bool(true)])).children.map(\.value)
        return parts.count == 1 && parts[0] is Elements
            && MemoryLayout<SpanAttributes>.size == MemoryLayout<Elements>.size
    }()

    /// Does something with the dictionary: the one in here where it can be had, or else a copy that replaces it.
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

    /// Removes all, and keeps the memory.
    mutating func removeAll() {
        var nothing: Void = ()
        withElements(&nothing) { elements, _ in elements.removeAll(keepingCapacity: true) }
    }
}
