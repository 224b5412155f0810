import SpanKitRecording
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
    /// What it was before, nearly in the order in which `attributes` lists it.
    private var known: [Known] = []
    /// nil: read the span before this is shown.
    private var state: AttributeState?

    fileprivate struct Known {
        let key: String
        var value: SpanAttribute
        /// Of `value` where it lies in `attributes`: comparing these costs a fraction.
        var bytes: ValueBytes
    }

    /// A mirror that shows nothing.
    init() {}

    /// Shows what the span holds: nothing, if it keeps nothing.
    mutating func show(_ span: SpanHandle) {
        guard let state = span.attributeState else {
            // Of a span that has ended.
            if self.state != nil { clear() }
            // Made room for once, so that a span which keeps nothing costs no allocation for what is set.
            if known.capacity == 0 { reserve() }
            return
        }
        guard state != self.state else { return }
        clear()
        self.state = state
        if known.capacity == 0 { reserve() }
        guard !state.isEmpty else { return }
        for attribute in span.attributes { attributes.set(attribute.key, value: SpanAttribute(attribute.value)) }
        _ = fewChanges()
    }

    private mutating func reserve() {
        attributes.reserveCapacity(Self.usualCount)
        known.reserveCapacity(Self.usualCount)
    }

    /// Forgets what it shows, and keeps the memory.
    mutating func clear() {
        state = nil
        guard attributes.count <= Self.capacity else { return self = AttributeMirror() }
        if !attributes.isEmpty { attributes.removeAll() }
        if !known.isEmpty { known.removeAll(keepingCapacity: true) }
    }

    /// Writes into the span what was changed in `attributes`.
    mutating func write(to span: SpanHandle) {
        guard span.isRecording else {
            // An unsampled span keeps nothing, an ended one counts the call.
            let isLive = span.isLive
            if !isLive { span.changeAttributes { _ in } }
            if !isLive || attributes.count > Self.capacity { clear() }
            return
        }
        // All is compared and converted first: that may run code of the user, which must not find the span locked.
        let isSmall = max(attributes.count, known.count) <= Self.capacity
        let changes = isSmall ? fewChanges() : allAsChanges()
        let states = span.changeAttributes { span in
            if let first = changes.first { span.set(key: first.key, first.value) }
            for attribute in changes.others { span.set(key: attribute.key, attribute.value) }
            for key in changes.gone { span.removeAttribute(key: key) }
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

    /// Goes through both lists at once; mostly a known attribute stands in the same place in both.
    private mutating func fewChanges() -> Changes {
        attributes.withElements(&known) { elements, known in
            var changes = Changes()
            let wereKnown = known.count
            var position = elements.startIndex
            var place = 0
            while position != elements.endIndex {
                let key = elements.keys[position]
                let bytes = ValueBytes(of: &elements.values[position])
                if let found = known.place(of: key, near: place, within: wereKnown) {
                    if known.span[found].bytes != bytes {
                        let value = elements.values[position]
                        if known.span[found].value != value { changes.add(key, value) }
                        known[found].value = value
                        known[found].bytes = bytes
                    }
                } else {
                    let value = elements.values[position]
                    changes.add(key, value)
                    known.append(Known(key: key, value: value, bytes: bytes))
                }
                elements.formIndex(after: &position)
                place += 1
            }
            if known.count > elements.count {
                changes.gone = known.map(\.key).filter { elements[$0] == nil }
                known.removeAll { elements[$0.key] == nil }
            }
            return changes
        }
    }

    private mutating func allAsChanges() -> Changes {
        attributes.withElements(&known) { elements, known in
            var changes = Changes()
            var before = Dictionary(known.map { ($0.key, $0.value) }) { $1 }
            for (key, value) in elements where before.removeValue(forKey: key) != value { changes.add(key, value) }
            changes.gone = Array(before.keys)
            return changes
        }
    }
}

extension [AttributeMirror.Known] {
    /// Where a key stands among the first ones; nil for nowhere.
    @inline(__always)
    fileprivate func place(of key: String, near place: Int, within count: Int) -> Int? {
        // By `span`, because an element of an array is copied before it is looked at.
        let known = span
        if place < count, known[place].key == key { return place }
        return (0..<count).first { known[$0].key == key }
    }
}
