import SpanKitPlatform

/// Carries ``W3CBaggage`` from process to process (W3C Baggage): header `baggage`.
public enum BaggagePropagator {
    static let header = "baggage"
    /// Entries, and bytes of the header, that every implementation has to carry. More is not read and not sent.
    static let maximumEntries = 64
    static let maximumBytes = 8_192

    /// The baggage of a request; nil when there is none. An entry that is not valid is left out, the others count.
    /// - Parameter values: as for ``TraceContextPropagator/extract(_:)``.
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

    /// Sends baggage along. Entries whose key no header can hold are left out, as are those that exceed the limits of the
    /// specification (64 entries, 8192 bytes).
    /// - Parameter set: sets the header of a name, in place of those that there are.
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

    /// RFC 9110 §5.6.2.
    private static func isToken(_ key: some Collection<UInt8>) -> Bool {
        !key.isEmpty
            && key.allSatisfy { character in
                switch character {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "!#$%&'*+-.^_`|~".utf8.contains(character)
                }
            }
    }

    /// Opaque, but a part of a header line and of one member.
    private static func isMetadata(_ text: some Collection<UInt8>) -> Bool {
        text.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: ",") || $0 == 0x09 }
    }

    /// `baggage-octet`: printable ASCII but for space, quotation mark, comma, semicolon and backslash.
    private static func isOctet(_ character: UInt8) -> Bool {
        switch character {
        case 0x21, 0x23...0x2B, 0x2D...0x3A, 0x3C...0x5B, 0x5D...0x7E: true
        default: false
        }
    }

    /// nil for a character that has to be encoded and is not. Bytes that are not UTF-8 become U+FFFD, as the
    /// specification has it. A plus sign is a plus sign.
    private static func decode(_ text: HeaderText.Bytes) -> String? {
        guard text.allSatisfy(isOctet) else { return nil }
        return PercentCoding.decode(text).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func encode(_ text: String) -> String { PercentCoding.encode(text, where: isOctet) }
}
