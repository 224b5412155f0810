import SpanKitPlatform

/// Text or binary protobuf, as detected from the first bytes of the input.
package enum TraceForm: Equatable {
    /// How binary messages are separated.
    package enum Framing: Equatable {
        /// Fields of one `TracesData` or `ExportTraceServiceRequest`, or of several that were concatenated.
        case none
        /// Each message follows its length in four bytes, the highest first, as from the Collector's file exporter.
        case fourBytes
        /// Each message follows its length as a varint, as from `writeDelimitedTo` and in OpenTelemetry's file exporter specification.
        case varint
    }

    /// JSON of any kind, or another text.
    case text
    case protobuf(Framing)

    /// The maximum number of bytes that are needed to detect the form.
    package static let mostBytes = 64
    /// The maximum length of a message. The highest of the four length bytes is then always a control character, unlike
    /// text.
    private static let longestMessage: UInt64 = 0x0800_0000

    /// The form of the input; `nil` if more bytes are needed.
    package static func of(_ beginning: ArraySlice<UInt8>, isWhole: Bool) -> TraceForm? {
        var isOpen = false
        for framing in [Framing.none, .fourBytes, .varint] {
            switch message(beginning, framing) {
            case .yes where framing == .varint && isReadable(beginning): break
            case .yes: return .protobuf(framing)
            case .undecided: isOpen = true
            case .no: break
            }
        }
        return isOpen && !isWhole ? nil : .text
    }

    enum Answer {
        case yes, no, undecided
    }

    /// Whether the bytes are the start of a message with its length.
    static func message(_ bytes: ArraySlice<UInt8>, _ framing: Framing) -> Answer {
        var place = bytes.startIndex
        switch framing {
        case .none: return resourceSpans(bytes, place, room: longestMessage)
        case .fourBytes:
            guard let first = bytes.first else { return .undecided }
            guard first < longestMessage >> 24 else { return .no }
            guard bytes.count >= 4 else { return .undecided }
            let length = bytes.prefix(4).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            place += 4
            // Zeros alone are not messages.
            if length == 0 { return message(bytes[place...], framing) }
            guard place < bytes.endIndex else { return .undecided }
            if bytes[place] == UInt8(ascii: "{") { return .yes }
            if bytes[place] == Zstandard.magic[0] {
                let magic = bytes[place...].prefix(4)
                if !Zstandard.magic.starts(with: magic) { return .no }
                return magic.count == 4 ? .yes : .undecided
            }
            return resourceSpans(bytes, place, room: length)
        case .varint:
            switch length(bytes, &place, room: longestMessage) {
            case .length(let room):
                guard room > 0 else { return .no }
                return resourceSpans(bytes, place, room: room)
            case .no: return .no
            case .undecided: return .undecided
            }
        }
    }

    /// Whether a length-delimited field with a number of 16 or more starts here and fits into `room`.
    private static func newerField(_ bytes: ArraySlice<UInt8>, _ start: Int, room: UInt64) -> Answer {
        guard start + 1 < bytes.endIndex else { return .undecided }
        guard bytes[start] & 7 == 2, 0x01..<0x80 ~= bytes[start + 1], room > 2 else { return .no }
        var place = start + 2
        return switch length(bytes, &place, room: room - 2) {
        case .length: .yes
        case .no: .no
        case .undecided: .undecided
        }
    }

    private enum Length {
        case length(UInt64), no, undecided
    }

    /// Reads a varint length. Returns `.no` unless the varint and that many further bytes fit into `room`.
    private static func length(_ bytes: ArraySlice<UInt8>, _ place: inout Int, room: UInt64) -> Length {
        let start = place
        guard let length = try? Varint.read(bytes, at: &place) else {
            return place == bytes.endIndex && place - start < 5 ? .undecided : .no
        }
        return length <= room && UInt64(place - start) <= room - length ? .length(length) : .no
    }

    /// Whether a varint length may also be text, such as "z" and a line end. Its message must then have exactly this length.
    private static func isReadable(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first, 0x09..<0x7F ~= first else { return false }
        var place = bytes.startIndex + 2
        let length = (try? Varint.read(bytes, at: &place)) ?? 0
        return length &+ UInt64(place - bytes.startIndex) != UInt64(first) + 1
    }

    /// Whether field 1 of a request starts here. It does if the nested lengths fit into each other.
    private static func resourceSpans(_ bytes: ArraySlice<UInt8>, _ start: Int, room: UInt64) -> Answer {
        var place = start
        // The tags that may start a request, a ResourceSpans, a Resource and an attribute.
        let tags: [[UInt8]] = [[0x0A], [0x0A, 0x12, 0x1A], [0x0A, 0x10, 0x1A], [0x0A, 0x12]]
        var room = room
        for (depth, allowed) in tags.enumerated() {
            guard place < bytes.endIndex else { return .undecided }
            let tag = bytes[place]
            // A newer field, whose number takes two bytes, may be the only one of a Resource.
            if depth == 2, tag >= 0x80 { return newerField(bytes, place, room: room) }
            guard room > 0, allowed.contains(tag) else { return .no }
            place += 1
            if tag == 0x10 { return .yes }
            switch length(bytes, &place, room: room - 1) {
            case .length(let length):
                if length == 0 || depth > 0 && tag != 0x0A { return .yes }
                room = length
            case .no: return .no
            case .undecided: return .undecided
            }
        }
        return .yes
    }
}
