import CSpanKitZlib

/// Compresses bodies into gzip, with state that is made once.
///
/// Belongs to one thread at a time.
package final class GzipCompressor {
    // In memory of its own: zlib keeps the address.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let isReady: Bool

    /// - Parameter level: zlib's, from 1 (fast) to 9 (small).
    package init(level: Int32) {
        stream.initialize(to: z_stream())
        isReady = spankit_gzip_init(stream, level) == Z_OK
    }

    deinit {
        if isReady { deflateEnd(stream) }
        stream.deallocate()
    }

    /// The bytes as one gzip member; nil when zlib finds no memory.
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
        // The bound is as large as the input; what waits in a queue should weigh what it is.
        return compressed.withUnsafeBufferPointer { Array($0) }
    }
}
