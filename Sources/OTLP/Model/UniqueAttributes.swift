import SpanKitRecording

/// Attributes in the order in which their keys first came; a later value replaces the earlier.
package struct UniqueAttributes {
    /// From this many on, keys are looked up in a table; below, going through them is quicker.
    private static let fewest = 24

    package private(set) var list: [Attribute] = []
    private var places: [String: Int] = [:]

    package init() {}

    package mutating func set(_ attribute: Attribute) {
        if let place = place(of: attribute.key) {
            list[place].value = attribute.value
            return
        }
        list.append(attribute)
        if list.count == Self.fewest {
            for (place, known) in list.enumerated() { places[known.key] = place }
        } else if list.count > Self.fewest {
            places[attribute.key] = list.count - 1
        }
    }

    private func place(of key: String) -> Int? {
        list.count < Self.fewest ? list.firstIndex { $0.key == key } : places[key]
    }
}
