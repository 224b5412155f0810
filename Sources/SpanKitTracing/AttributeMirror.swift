import Recording
import Tracing

/// The attributes of a live span as `SpanAttributes`, so that `span.attributes["key"] = value` need not read all of them out
/// of the span each time.
///
/// The span is the truth: a mirror is believed only while the span's ``AttributeState`` is the one it shows. Its memory serves
/// one span after the other (``SpanScope/recycle(_:)``).
struct AttributeMirror {
    /// Beyond this a mirror is not kept: every change looks at all of them.
    static let capacity = 16
    /// Room from the start, because growing changes the order; more than is used as a rule, so that few keys collide.
    private static let usualCount = 12

    /// What is shown, and changed by whoever has the mirror.
    var attributes = SpanAttributes([:])
    /// What it was before, in the order in which `attributes` lists it.
    private var keys: [String] = []
    private var values: [SpanAttribute] = []
    /// Of `values`: comparing these costs a fraction.
    private var bytes: [ValueBytes] = []
    /// nil: read the span before this is shown.
    private var state: AttributeState?

    /// A mirror that shows nothing.
    init() {}

    /// Shows what the span holds: nothing, if it keeps nothing.
    mutating func show(_ span: Recording.Span) {
        guard let state = span.attributeState else {
            // Of a span that has ended.
            if self.state != nil { clear() }
            // Made room for once, so that a span which keeps nothing costs no allocation for what is set.
            if keys.capacity == 0 { reserve() }
            return
        }
        guard state != self.state else { return }
        clear()
        self.state = state
        if keys.capacity == 0 { reserve() }
        guard !state.isEmpty else { return }
        for attribute in span.attributes { attributes.set(attribute.key, value: SpanAttribute(attribute.value)) }
        attributes.forEach { key, value in
            keys.append(key)
            values.append(value)
            bytes.append(ValueBytes(of: value))
        }
    }

    private mutating func reserve() {
        attributes.reserveCapacity(Self.usualCount)
        keys.reserveCapacity(Self.usualCount)
        values.reserveCapacity(Self.usualCount)
        bytes.reserveCapacity(Self.usualCount)
    }

    /// Forgets what it shows, and keeps the memory.
    mutating func clear() {
        state = nil
        guard !attributes.isEmpty || !keys.isEmpty else { return }
        guard attributes.count <= Self.capacity else { return self = AttributeMirror() }
        if keys.isEmpty { attributes.forEach { key, _ in keys.append(key) } }
        for key in keys { attributes.set(key, value: nil) }
        keys.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        // Of a change that an error or a race has interrupted.
        if !attributes.isEmpty { self = AttributeMirror() }
    }

    /// Writes into the span what was changed in `attributes`.
    mutating func write(to span: Recording.Span) {
        guard span.isRecording else {
            // An unsampled span keeps nothing, an ended one counts the call.
            span.changeAttributes { _ in }
            if !span.isLive || attributes.count > Self.capacity { clear() }
            return
        }
        // All is compared and converted first: that may run code of the user, which must not find the span locked.
        let isSmall = max(attributes.count, keys.count) <= Self.capacity
        let changes = isSmall ? fewChanges() : allAsChanges()
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
            if position == keys.count || keys.span[position] != key {
                guard let place = keys.dropFirst(position).firstIndex(of: key) else {
                    remember(key, value, at: position)
                    changes.add(key, value)
                    position += 1
                    return
                }
                swapAt(position, place)
            }
            let seen = ValueBytes(of: value)
            if bytes.span[position] != seen {
                if values[position] != value { changes.add(key, value) }
                values[position] = value
                bytes[position] = seen
            }
            position += 1
        }
        if position < keys.count {
            changes.gone = Array(keys[position...])
            keys.removeSubrange(position...)
            values.removeSubrange(position...)
            bytes.removeSubrange(position...)
        }
        return changes
    }

    /// As `insert(_:at:)`, which is made for more than one.
    private mutating func remember(_ key: String, _ value: SpanAttribute, at position: Int) {
        keys.append(key)
        values.append(value)
        bytes.append(ValueBytes(of: value))
        var place = keys.count - 1
        while place > position {
            swapAt(place, place - 1)
            place -= 1
        }
    }

    private mutating func swapAt(_ one: Int, _ other: Int) {
        keys.swapAt(one, other)
        values.swapAt(one, other)
        bytes.swapAt(one, other)
    }

    private func allAsChanges() -> Changes {
        var changes = Changes()
        var before = Dictionary(zip(keys, values)) { $1 }
        attributes.forEach { key, value in
            if before.removeValue(forKey: key) != value { changes.add(key, value) }
        }
        changes.gone = Array(before.keys)
        return changes
    }
}
