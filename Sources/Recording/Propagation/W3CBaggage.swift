/// Names and values that travel with a request through all services it passes (W3C Baggage, OpenTelemetry Baggage API).
///
/// It is sent to whoever is called, third parties too, and is not copied onto spans: put nothing secret into it.
public struct W3CBaggage: Hashable, Sendable {
    /// One name and its value.
    public struct Entry: Hashable, Sendable {
        /// Case-sensitive. One that is not an HTTP token (RFC 9110 §5.6.2) is kept here, but not sent.
        public let key: String
        /// Any text.
        public let value: String
        /// Properties as they came, such as `ttl=30;private`; empty when there are none.
        public let metadata: String

        /// Creates an entry.
        public init(key: String, value: String, metadata: String = "") {
            self.key = key
            self.value = value
            self.metadata = metadata
        }
    }

    /// In the order in which the keys were first set.
    public private(set) var entries: [Entry] = []

    /// Creates an empty baggage.
    public init() {}

    /// Whether there is nothing in it.
    public var isEmpty: Bool { entries.isEmpty }

    /// The value of a key; nil takes the key away.
    public subscript(key: String) -> String? {
        get { entries.first { $0.key == key }?.value }
        set {
            guard let newValue else { return entries.removeAll { $0.key == key } }
            set(Entry(key: key, value: newValue))
        }
    }

    /// Puts an entry in place of the one with its key.
    public mutating func set(_ entry: Entry) {
        if let known = entries.firstIndex(where: { $0.key == entry.key }) {
            entries[known] = entry
        } else {
            entries.append(entry)
        }
    }

    /// Whether a key is there.
    func contains(_ key: String) -> Bool {
        entries.contains { $0.key == key }
    }
}

extension W3CBaggage: ExpressibleByDictionaryLiteral {
    /// Creates baggage as in `["tenant": "acme"]`; of a key that stands twice, the later value counts.
    public init(dictionaryLiteral elements: (String, String)...) {
        for (key, value) in elements { set(Entry(key: key, value: value)) }
    }
}
