import SpanKitPlatform

/// Reads and writes the header `baggage` (W3C Baggage).
public enum BaggagePropagator {
    static let header = "baggage"
    /// The limits up to which the specification requires propagation. Entries beyond them are not read and not sent.
    static let maximumEntries = 64
    static let maximumBytes = 8_192

    /// Reads the baggage of a request; returns nil if it has none. Invalid entries are ignored, and so are entries
    /// beyond the first 64 or beyond 8,192 bytes in total.
    /// - Parameter values: Returns the values of all headers with the given name; see
    ///   ``TraceContextPropagator/extract(_:)``.
    public static func extract(_ values: (_ header: String) -> [String]) -> W3CBaggage? {
        var baggage = W3CBaggage()
        var bytes = -1
        for member in HeaderText(values(header)).members {
            guard bytes + member.count + 1 <= maximumBytes, let entry = entry(member),
                baggage.entries.count < maximumEntries || baggage.contains(entry.key)
            else { continue }
            bytes += member.count + 1
            baggage.set(entry)
        }
        return baggage.isEmpty ? nil : baggage
    }

    /// Writes baggage into a request. It leaves out entries whose key is not valid in a header, and entries beyond the
    /// first 64 or beyond 8,192 bytes in total.
    /// - Parameter set: Sets a header, replacing existing headers with the same name.
    public static func inject(_ baggage: W3CBaggage, _ set: (_ header: String, _ value: String) -> Void) {
        var text = ""
        var count = 0
        for entry in baggage.entries where count < maximumEntries {
            guard let member = member(entry) else { continue }
            let separator = text.isEmpty ? "" : ","
            guard text.utf8.count + separator.utf8.count + member.utf8.count <= maximumBytes else { continue }
            text += separator + member
            count += 1
        }
        if !text.isEmpty { set(header, text) }
    }

    // MARK: One member

    private static func entry(_ member: HeaderText.Bytes) -> W3CBaggage.Entry? {
        let (pair, properties) = member.split(atFirst: UInt8(ascii: ";"))
        let (name, encoded) = pair.split(atFirst: UInt8(ascii: "="))
        let key = name.trimmingOptionalWhitespace
        let metadata = properties?.trimmingOptionalWhitespace ?? []
        guard isToken(key), isMetadata(metadata), let encoded,
            let value = decode(encoded.trimmingOptionalWhitespace)
        else { return nil }
        return W3CBaggage.Entry(
            key: String(decoding: key, as: UTF8.self),
            value: value,
            metadata: String(decoding: metadata, as: UTF8.self)
        )
    }

    private static func member(_ entry: W3CBaggage.Entry) -> String? {
        guard isToken(entry.key.utf8) else { return nil }
        let hasMetadata = !entry.metadata.isEmpty && isMetadata(entry.metadata.utf8)
        return "\(entry.key)=\(encode(entry.value))\(hasMetadata ? ";\(entry.metadata)" : "")"
    }

    /// Whether the text is a token (RFC 9110 §5.6.2).
    private static func isToken(_ key: some Collection<UInt8>) -> Bool {
        !key.isEmpty
            && key.allSatisfy { character in
                switch character {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "!#$%&'*+-.^_`|~".utf8.contains(character)
                }
            }
    }

    /// Whether the text can be the properties of a member: any text without a comma that a header can contain.
    private static func isMetadata(_ text: some Collection<UInt8>) -> Bool {
        text.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: ",") || $0 == 0x09 }
    }

    /// Whether a byte is a `baggage-octet`: printable ASCII except space, quotation mark, comma, semicolon and backslash.
    private static func isOctet(_ character: UInt8) -> Bool {
        switch character {
        case 0x21, 0x23...0x2B, 0x2D...0x3A, 0x3C...0x5B, 0x5D...0x7E: true
        default: false
        }
    }

    /// Decodes a value; returns nil if a character that has to be percent-encoded is not. Bytes that are not UTF-8 become U+FFFD, as the
    /// specification requires. A plus sign is not a space.
    private static func decode(_ text: HeaderText.Bytes) -> String? {
        guard text.allSatisfy(isOctet) else { return nil }
        return PercentCoding.decode(text).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func encode(_ text: String) -> String { PercentCoding.encode(text, where: isOctet) }
}
