/// The members of a `tracestate` header, one for each tracing system (W3C Trace Context level 2, §3.3).
struct TraceState {
    static let maximumMembers = 32
    /// The length up to which the specification requires propagation. ``TraceStateTable`` keeps no longer texts.
    static let maximumBytes = TraceStateTable.maximumBytes
    /// Members above this size are dropped first if the header is too long.
    private static let largeMemberBytes = 128

    static let maximumValueBytes = 256

    /// Valid members in order.
    private var members: [(key: String, value: String)] = []

    /// Creates an empty list.
    init() {}

    /// Reads all headers; returns nil if any member is invalid, because the specification requires to drop all of them then.
    ///
    /// Of several members with the same key, the first is kept, as in the test suite of the W3C.
    init?(_ values: [String]) {
        var keys = Set<String>()
        var count = 0
        for member in HeaderText(values).members {
            let (key, value) = member.split(atFirst: UInt8(ascii: "="))
            count += 1
            guard count <= Self.maximumMembers, Self.isKey(key), let value, Self.isValue(value) else { return nil }
            let text = String(decoding: key, as: UTF8.self)
            guard keys.insert(text).inserted else { continue }
            members.append((text, String(decoding: value, as: UTF8.self)))
        }
    }

    /// The value of a member.
    subscript(key: String) -> String? { members.first { $0.key == key }?.value }

    /// Sets a member and moves it to the front, or removes it. If there are too many members, the last is dropped.
    mutating func set(_ key: String, _ value: String?) {
        members.removeAll { $0.key == key }
        guard let value else { return }
        members.insert((key, value), at: 0)
        if members.count > Self.maximumMembers { members.removeLast() }
    }

    /// The header, with at most ``maximumBytes``. Whole members are dropped: large ones first, then those at the end.
    var text: String {
        var kept = members.map { "\($0.key)=\($0.value)" }
        var bytes = kept.reduce(-1) { $0 + $1.utf8.count + 1 }
        func drop(_ position: Int) {
            bytes -= kept[position].utf8.count + 1
            kept.remove(at: position)
        }
        for position in kept.indices.reversed()
        where bytes > Self.maximumBytes && kept[position].utf8.count > Self.largeMemberBytes {
            drop(position)
        }
        while bytes > Self.maximumBytes { drop(kept.count - 1) }
        return kept.joined(separator: ",")
    }

    private static func isKey(_ key: HeaderText.Bytes) -> Bool {
        guard let first = key.first, key.count <= 256, isLetterOrDigit(first) else { return false }
        return key.dropFirst().allSatisfy { isLetterOrDigit($0) || "_-*/@".utf8.contains($0) }
    }

    private static func isLetterOrDigit(_ character: UInt8) -> Bool {
        (0x61...0x7A).contains(character) || (0x30...0x39).contains(character)
    }

    /// Whether the bytes are printable ASCII, at least one character. Spaces at the end, which are not allowed, were trimmed before.
    private static func isValue(_ value: HeaderText.Bytes) -> Bool {
        (1...maximumValueBytes).contains(value.count)
            && value.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "=") }
    }
}
