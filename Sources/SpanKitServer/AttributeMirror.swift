import SpanKitRecording
import Tracing

/// A copy of a live span's attributes as `SpanAttributes`, so that `span.attributes["key"] = value` does not read all
/// of them from the span each time.
///
/// The copy is valid only while the span's ``AttributeState`` is the one it was made for. Its memory is reused for
/// later spans (``SpanScope/recycle(_:)``).
struct AttributeMirror {
    /// The maximum number of mirrored attributes, because every change compares all of them.
    static let capacity = 16
    /// The initial capacity. Growing would change the order. It is larger than usually needed, so that few keys
    /// collide.
    private static let usualCount = 12

    /// The copy, which the owner may change.
    var attributes = SpanAttributes([:])
    /// The attributes in the span, nearly in the order of `attributes`.
    private var known: [Known] = []
    /// The state that the copy was made for; nil if the span must be read.
    private var state: AttributeState?

    fileprivate struct Known {
        let key: String
        var value: SpanAttribute
        /// The bytes of `value` in `attributes`. Comparing bytes is much cheaper than comparing values.
        var bytes: ValueBytes
    }

    /// Creates an empty mirror.
    init() {}

    /// Copies the attributes of a span, if it is recorded.
    mutating func show(_ span: SpanHandle) {
        guard let state = span.attributeState else {
            // The copy belongs to a span that has ended.
            if self.state != nil { clear() }
            // Reserved once, so that setting attributes on spans that are not recorded does not allocate.
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

    /// Removes the attributes and keeps the memory.
    mutating func clear() {
        state = nil
        guard attributes.count <= Self.capacity else { return self = AttributeMirror() }
        if !attributes.isEmpty { attributes.removeAll() }
        if !known.isEmpty { known.removeAll(keepingCapacity: true) }
    }

    /// Writes the changes of `attributes` to the span.
    mutating func write(to span: SpanHandle) {
        guard span.isRecording else {
            // An unsampled span records nothing. An ended span counts the call.
            let isLive = span.isLive
            if !isLive { span.changeAttributes { _ in } }
            if !isLive || attributes.count > Self.capacity { clear() }
            return
        }
        // Compare and convert before locking the span, because that may run code of the user.
        let isSmall = max(attributes.count, known.count) <= Self.capacity
        let changes = isSmall ? fewChanges() : allAsChanges()
        let states = span.changeAttributes { span in
            if let first = changes.first { span.set(key: first.key, first.value) }
            for attribute in changes.others { span.set(key: attribute.key, attribute.value) }
            for key in changes.gone { span.removeAttribute(key: key) }
        }
        guard isSmall else { return self = AttributeMirror() }
        // If another thread has changed the span, the copy is outdated.
        state = states?.before == state ? states?.after : nil
    }

    /// The changes. Usually this is one attribute, which needs no array.
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

    /// Compares both lists in parallel. Most attributes have the same index in both.
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
    /// The index of a key among the first `count` elements.
    @inline(__always)
    fileprivate func place(of key: String, near place: Int, within count: Int) -> Int? {
        // A span avoids copying the elements of the array.
        let known = span
        if place < count, known[place].key == key { return place }
        return (0..<count).first { known[$0].key == key }
    }
}

/// The bytes of a small value in memory. Equal bytes mean equal values; equal values may have different bytes. Keep the
/// value as well: if the objects that it refers to were freed, new objects could have the same addresses.
struct ValueBytes: Equatable {
    private var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0)

    /// Reads the bytes of a value of at most 48 bytes in place, because a copy may have other padding bytes.
    @inline(__always)
    init<Value>(of value: inout Value) {
        precondition(MemoryLayout<Value>.size <= MemoryLayout.size(ofValue: words), "the value has more than 48 bytes")
        withUnsafeBytes(of: &value) { bytes in withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) } }
    }

    @inline(__always)
    static func == (one: ValueBytes, other: ValueBytes) -> Bool {
        let (one, other) = (one.words, other.words)
        return (one.0 ^ other.0) | (one.1 ^ other.1) | (one.2 ^ other.2) | (one.3 ^ other.3) | (one.4 ^ other.4)
            | (one.5 ^ other.5) == 0
    }
}
