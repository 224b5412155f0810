/// Header compression of HTTP/2 (RFC 7541): reads what clients send.
struct HPACKDecoder {
    typealias Field = (name: String, value: String)

    struct Failure: Error {}

    private var dynamic: [Field] = []
    private var dynamicSize = 0
    private var limit = 4_096

    /// The fields in a header block.
    mutating func decode(_ block: [UInt8]) throws -> [Field] {
        var rest = block[...]
        var fields: [Field] = []
        while let first = rest.first {
            if first & 0x80 != 0 {
                fields.append(try field(at: try Self.integer(&rest, prefix: 7)))
            } else if first & 0xC0 == 0x40 {
                let field = try literal(&rest, prefix: 6)
                fields.append(field)
                add(field)
            } else if first & 0xE0 == 0x20 {
                limit = try Self.integer(&rest, prefix: 5)
                evict()
            } else {
                fields.append(try literal(&rest, prefix: 4))
            }
        }
        return fields
    }

    private mutating func literal(_ rest: inout ArraySlice<UInt8>, prefix: Int) throws -> Field {
        let index = try Self.integer(&rest, prefix: prefix)
        let name = index == 0 ? try Self.text(&rest) : try field(at: index).name
        return (name, try Self.text(&rest))
    }

    private func field(at index: Int) throws -> Field {
        if 1...Self.table.count ~= index { return Self.table[index - 1] }
        let place = index - Self.table.count - 1
        guard dynamic.indices.contains(place) else { throw Failure() }
        return dynamic[place]
    }

    private mutating func add(_ field: Field) {
        dynamic.insert(field, at: 0)
        dynamicSize += Self.size(field)
        evict()
    }

    private mutating func evict() {
        while dynamicSize > limit, let last = dynamic.popLast() { dynamicSize -= Self.size(last) }
    }

    private static func size(_ field: Field) -> Int { field.name.utf8.count + field.value.utf8.count + 32 }

    private static func integer(_ rest: inout ArraySlice<UInt8>, prefix: Int) throws -> Int {
        guard let first = rest.popFirst() else { throw Failure() }
        let most = 1 << prefix - 1
        var value = Int(first) & most
        guard value == most else { return value }
        var shift = 0
        while let byte = rest.popFirst(), shift < 28 {
            value += Int(byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 { return value }
        }
        throw Failure()
    }

    private static func text(_ rest: inout ArraySlice<UInt8>) throws -> String {
        let isHuffman = (rest.first ?? 0) & 0x80 != 0
        let count = try integer(&rest, prefix: 7)
        guard count <= rest.count else { throw Failure() }
        let bytes = Array(rest.prefix(count))
        rest.removeFirst(count)
        return String(decoding: isHuffman ? try HuffmanText.decode(bytes) : bytes, as: UTF8.self)
    }

    /// RFC 7541, Appendix A.
    private static let table: [Field] = """
        :authority,:method=GET,:method=POST,:path=/,:path=/index.html,:scheme=http,:scheme=https,:status=200,:status=204,:status=206,\
        :status=304,:status=400,:status=404,:status=500,accept-charset,accept-encoding=gzip;deflate,accept-language,accept-ranges,\
        accept,access-control-allow-origin,age,allow,authorization,cache-control,content-disposition,content-encoding,\
        content-language,content-length,content-location,content-range,content-type,cookie,date,etag,expect,expires,from,host,\
        if-match,if-modified-since,if-none-match,if-range,if-unmodified-since,last-modified,link,location,max-forwards,\
        proxy-authenticate,proxy-authorization,range,referer,refresh,retry-after,server,set-cookie,strict-transport-security,\
        transfer-encoding,user-agent,vary,via,www-authenticate
        """.split(separator: ",").map { entry in
            let parts = entry.split(separator: "=", maxSplits: 1)
            return (String(parts[0]), parts.count == 2 ? String(parts[1]).replacing(";", with: ", ") : "")
        }
}

/// Writes fields without compression.
enum HPACKEncoder {
    static func encode(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { name, value in [0] + text(name.lowercased()) + text(value) }
    }

    private static func text(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard bytes.count >= 127 else { return [UInt8(bytes.count)] + bytes }
        var length: [UInt8] = [127]
        var rest = bytes.count - 127
        while rest >= 128 {
            length.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return length + [UInt8(rest)] + bytes
    }
}

/// The Huffman code of HPACK (RFC 7541, Appendix B), which is canonical: the lengths of the codes are enough.
private enum HuffmanText {
    private static let lengths: [Int] = [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28,
        28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23,
        22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22,
        23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26,
        28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27,
        27, 27, 27, 26,
        30,
    ]

    private struct Code: Hashable {
        var length: Int
        var bits: UInt32
    }

    private static let symbols: [Code: UInt8] = {
        var symbols: [Code: UInt8] = [:]
        var code = Code(length: 0, bits: 0)
        for symbol in lengths.indices.sorted(by: { (lengths[$0], $0) < (lengths[$1], $1) }) {
            code.bits <<= UInt32(lengths[symbol] - code.length)
            code.length = lengths[symbol]
            // 256 ends a text, and is never sent as a whole.
            if symbol < 256 { symbols[code] = UInt8(symbol) }
            code.bits += 1
        }
        return symbols
    }()

    static func decode(_ bytes: [UInt8]) throws -> [UInt8] {
        var text: [UInt8] = []
        var code = Code(length: 0, bits: 0)
        for byte in bytes {
            for bit in (0..<8).reversed() {
                code.bits = code.bits << 1 | UInt32(byte >> UInt8(bit) & 1)
                code.length += 1
                guard let symbol = symbols[code] else { continue }
                text.append(symbol)
                code = Code(length: 0, bits: 0)
            }
        }
        // What is left is padding.
        guard code.length < 8 else { throw HPACKDecoder.Failure() }
        return text
    }
}
