import Recording
import Tracing

/// The attributes of a live span as `SpanAttributes`, so that `span.attributes["key"] = value` need not read all of them out
/// of the span each time.
///
/// The span is the truth: a mirror is believed only while the span's ``AttributeState`` is the one it shows.
struct AttributeMirror {
    /// Beyond this a mirror is not kept: every change looks at all of them.
    static let capacity = 16

    /// What is shown, and changed by whoever has the mirror.
    var attributes = SpanAttributes([:])
    /// What it was before, in the order in which `attributes` lists it.
    private var known: [Known] = []
    /// nil: read the span before this is shown.
    private(set) var state: AttributeState?

    // Not a tuple: those are copied by the runtime, element by element.
    private struct Known {
        let key: String
        var value: SpanAttribute
    }

    /// A mirror that shows nothing.
    init() {}

    /// A mirror of what a span holds.
    init(_ span: Recording.Span, _ state: AttributeState) {
        self.state = state
        // Room for a few from the start, because growing changes the order.
        attributes = SpanAttributes(state.isEmpty ? [] : span.attributes, capacity: 6)
        known.reserveCapacity(max(attributes.count, 6))
        attributes.forEach { known.append(Known(key: $0, value: $1)) }
    }

    /// Writes into the span what was changed in `attributes`.
    mutating func write(to span: Recording.Span) {
        guard span.isRecording else {
            // An unsampled span keeps nothing, an ended one counts the call.
            span.changeAttributes { _ in }
            if attributes.count > Self.capacity { self = AttributeMirror() }
            return
        }
        // All is compared and converted first: that may run code of the user, which must not find the span locked.
        let isSmall = max(attributes.count, known.count) <= Self.capacity
        let changes = isSmall ? fewChanges() : manyChanges()
        let states = span.changeAttributes { span in
            if let first = changes.first { span.set(first.key, first.value) }
            for attribute in changes.others { span.set(attribute.key, attribute.value) }
            for key in changes.gone { span.remove(key) }
        }
        guard isSmall else { return self = AttributeMirror() }
        // Whoever wrote meanwhile made this mirror an old one.
        state = states?.before == state ? states?.after : nil
    }

    /// What was changed; as a rule one attribute, which takes no array.
    private struct Changes {
        var first: Attribute?
        var others: [Attribute] = []
        var gone: [String] = []

        mutating func add(_ key: String, _ attribute: SpanAttribute) {
            guard let value = AttributeValue(attribute) else { return }
            if first == nil {
                first = Attribute(key, value)
            } else {
                others.append(Attribute(key, value))
            }
        }
    }

    /// Goes through both lists at once: new attributes stand somewhere between the known ones.
    private mutating func fewChanges() -> Changes {
        var changes = Changes()
        var position = 0
        attributes.forEach { key, value in
            // By `span`, because an element of an array is copied before it is looked at.
            if position == known.count || known.span[position].key != key {
                guard let place = known.dropFirst(position).firstIndex(where: { $0.key == key }) else {
                    remember(Known(key: key, value: value), at: position)
                    changes.add(key, value)
                    position += 1
                    return
                }
                known.swapAt(position, place)
            }
            if !known.span[position].value.isSame(as: value) {
                known[position].value = value
                changes.add(key, value)
            }
            position += 1
        }
        if position < known.count {
            changes.gone = known[position...].map(\.key)
            known.removeSubrange(position...)
        }
        return changes
    }

    /// As `insert(_:at:)`, which is made for more than one.
    private mutating func remember(_ new: Known, at position: Int) {
        known.append(new)
        var place = known.count - 1
        while place > position {
            known.swapAt(place, place - 1)
            place -= 1
        }
    }

    private func manyChanges() -> Changes {
        var changes = Changes()
        var before = Dictionary(known.map { ($0.key, $0.value) }) { $1 }
        attributes.forEach { key, value in
            if before.removeValue(forKey: key) != value { changes.add(key, value) }
        }
        changes.gone = Array(before.keys)
        return changes
    }
}

extension SpanAttribute {
    /// As `==`, which copies both sides before it looks at them.
    @inline(__always)
    fileprivate func isSame(as other: SpanAttribute) -> Bool {
        switch self {
        case .int64(let value): if case .int64(value) = other { true } else { false }
        case .bool(let value): if case .bool(value) = other { true } else { false }
        case .double(let value): if case .double(value) = other { true } else { false }
        case .string(let value): if case .string(value) = other { true } else { false }
        default: self == other
        }
    }
}
