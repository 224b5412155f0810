import CSpanKitZlib

/// Reads gzip and zlib streams that are wholly in memory.
enum Inflater {
    /// The plain bytes; nil when the stream is damaged, cut short, or longer than `limit`.
    static func inflate(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
        // In memory of its own: zlib keeps the address.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        guard spankit_inflate_init(stream) == Z_OK else { return nil }
        defer { inflateEnd(stream) }
        var plain: [UInt8] = []
        return bytes.withUnsafeBytes { source -> [UInt8]? in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: source.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(clamping: source.count)
            while true {
                var status = Z_OK
                let piece = [UInt8](unsafeUninitializedCapacity: 64 * 1_024) { buffer, count in
                    stream.pointee.next_out = buffer.baseAddress
                    stream.pointee.avail_out = UInt32(buffer.count)
                    status = CSpanKitZlib.inflate(stream, Z_NO_FLUSH)
                    count = buffer.count - Int(stream.pointee.avail_out)
                }
                plain.append(contentsOf: piece)
                if status == Z_STREAM_END { return plain }
                guard status == Z_OK, plain.count <= limit else { return nil }
                if piece.isEmpty, stream.pointee.avail_in == 0 { return nil }
            }
        }
    }
}
