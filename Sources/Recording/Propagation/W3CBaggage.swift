/// Keys and values that are sent with a request from service to service (W3C Baggage, OpenTelemetry Baggage API).
///
/// Baggage is sent to every service that is called, including third parties, so do not put secrets into it. Its entries
/// do not become attributes of spans.
public struct W3CBaggage: Hashable, Sendable {
    /// An entry of baggage: a key, its value and its metadata.
    public struct Entry: Hashable, Sendable {
        /// The key, which is case-sensitive. An entry is sent only if its key is an HTTP token (RFC 9110 §5.6.2).
        public let key: String
        /// The value, which may be any text.
        public let value: String
        /// The properties of the entry, such as `ttl=30;private`; empty if it has no properties.
        public let metadata: String

        /// Creates an entry.
        public init(key: String, value: String, metadata: String = "") {
            self.key = key
            self.value = value
            self.metadata = metadata
        }
    }

    /// The entries in the order in which their keys were first set.
    public private(set) var entries: [Entry] = []

    /// Creates an empty baggage.
    public init() {}

    /// Whether there are no entries.
    public var isEmpty: Bool { entries.isEmpty }

    /// The value of a key, if any. Setting nil removes the key.
    public subscript(key: String) -> String? {
        get { entries.first { $0.key == key }?.value }
        set {
            guard let newValue else { return entries.removeAll { $0.key == key } }
            set(Entry(key: key, value: newValue))
        }
    }

    /// Sets an entry, replacing one with the same key.
    public mutating func set(_ entry: Entry) {
        if let known = entries.firstIndex(where: { $0.key == entry.key }) {
            entries[known] = entry
        } else {
            entries.append(entry)
        }
    }

    /// Whether there is an entry with this key.
    func contains(_ key: String) -> Bool {
        entries.contains { $0.key == key }
    }
}

extension W3CBaggage: ExpressibleByDictionaryLiteral {
    /// Creates baggage from a literal such as `["tenant": "acme"]`. If a key occurs twice, its last value is used.
    public init(dictionaryLiteral elements: (String, String)...) {
        for (key, value) in elements { set(Entry(key: key, value: value)) }
    }
}
