import SpanKitInputs
import SpanKitTestSupport

/// What a decoder made of an input.
struct Decoding {
    var spans: [DecodedSpan] = []
    var decoder: TraceDecoder

    init(_ bytes: [UInt8], piece: Int = .max, maximumBytes: Int = 1 << 26) {
        decoder = TraceDecoder(maximumObjectBytes: maximumBytes)
        var place = 0
        while place < bytes.count {
            let end = min(bytes.count, place + min(piece, bytes.count))
            decoder.decode(Array(bytes[place..<end])) { spans.append($0) }
            place = end
        }
        decoder.finish { spans.append($0) }
    }

    init(_ text: String, piece: Int = .max) {
        self.init(Array(text.utf8), piece: piece)
    }

    var names: [String] { spans.map(\.span.name) }
    var problems: [String] { decoder.problems.map(\.description) }
}

/// Binary input.
enum Wire {
    static func vector(_ name: String, filePath: String = #filePath) throws -> [UInt8] {
        let digits = Array(try Golden.text(name, filePath: filePath).utf8.filter { $0 > 0x20 })
        return stride(from: 0, to: digits.count, by: 2).map { place in
            UInt8(String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16) ?? 0
        }
    }

    static func varint(_ value: Int) -> [UInt8] {
        value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
    }

    static func field(_ number: Int, _ content: [UInt8]) -> [UInt8] {
        varint(number << 3 | 2) + varint(content.count) + content
    }

    /// As the Collector's file exporter writes a message.
    static func framed(_ message: [UInt8]) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: message.count >> $0) } + message
    }

    /// A zstd frame whose blocks are not compressed (RFC 8878, §3.1.1).
    static func zstandard(_ content: [UInt8]) -> [UInt8] {
        var frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0xA0]
        frame += [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: content.count >> $0) }
        var place = 0
        repeat {
            let block = content[place...].prefix(100_000)
            place += block.count
            let header = block.count << 3 | (place == content.count ? 1 : 0)
            frame += [0, 8, 16].map { UInt8(truncatingIfNeeded: header >> $0) } + block
        } while place < content.count
        return frame
    }
}
