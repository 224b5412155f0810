import CSpanKitZlib
import SpanKitPlatform

extension Inflater {
    /// The length of the whole members of gzip at the start of a file, in bytes. What follows them is damaged or torn.
    static func wholeMembers(of file: Int32) -> Int {
        // Allocated separately, because zlib keeps the address.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        guard spankit_inflate_init(stream) == Z_OK else { return 0 }
        defer { inflateEnd(stream) }
        var (whole, position) = (0, 0)
        var piece = [UInt8](repeating: 0, count: 64 * 1_024)
        var plain = [UInt8](repeating: 0, count: 64 * 1_024)
        while true {
            let count = pread(file, &piece, piece.count, off_t(position))
            guard count > 0 else { return whole }
            let isWhole = piece.withUnsafeMutableBufferPointer { source in
                stream.pointee.next_in = source.baseAddress
                stream.pointee.avail_in = UInt32(count)
                while stream.pointee.avail_in > 0 {
                    let status = plain.withUnsafeMutableBufferPointer { target in
                        stream.pointee.next_out = target.baseAddress
                        stream.pointee.avail_out = UInt32(target.count)
                        return CSpanKitZlib.inflate(stream, Z_NO_FLUSH)
                    }
                    guard status == Z_OK || status == Z_STREAM_END else { return false }
                    guard status == Z_STREAM_END else { continue }
                    whole = position + count - Int(stream.pointee.avail_in)
                    inflateReset(stream)
                }
                return true
            }
            guard isWhole else { return whole }
            position += count
        }
    }
}
