import CSpanKitZlib

/// Compresses bodies with gzip, and reuses zlib's state. Used by one thread at a time.
package final class GzipCompressor {
    // Allocated separately, because zlib keeps the address.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let isReady: Bool

    /// - Parameter level: zlib's level, from 1 (fast) to 9 (small).
    package init(level: Int32) {
        stream.initialize(to: z_stream())
        isReady = spankit_gzip_init(stream, level) == Z_OK
    }

    deinit {
        if isReady { deflateEnd(stream) }
        stream.deallocate()
    }

    /// The bytes as one gzip member; nil if zlib gets no memory.
    func compress(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        guard isReady, deflateReset(stream) == Z_OK, bytes.count <= Int(UInt32.max) else { return nil }
        let capacity = Int(deflateBound(stream, UInt(bytes.count)))
        var status = Z_OK
        let compressed = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(bytes.count)
            stream.pointee.next_out = buffer.baseAddress
            stream.pointee.avail_out = UInt32(clamping: capacity)
            status = deflate(stream, Z_FINISH)
            count = capacity - Int(stream.pointee.avail_out)
        }
        guard status == Z_STREAM_END else { return nil }
        // A copy without the unused capacity, which is as large as the input: bodies may wait in memory for long.
        return compressed.withUnsafeBufferPointer { Array($0) }
    }
}

/// Decompresses gzip and zlib streams that are completely in memory.
enum Inflater {
    /// The plain bytes; nil if the stream is damaged, truncated, or longer than `limit`.
    static func inflate(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
        // Allocated separately, because zlib keeps the address.
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
