import CSpanKitZlib
import SpanKitShipping

/// Decompresses the body of a request, and counts while it does.
enum Inflater {
    /// - Parameters:
    ///   - limit: The largest size of the result in bytes.
    ///   - admit: Whether there is memory for so many bytes.
    static func inflate(_ body: [UInt8], limit: Int, admit: (Int) -> Bool) throws(Refusal) -> [UInt8] {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        guard spankit_inflate_init(stream) == Z_OK else { throw full }
        defer { inflateEnd(stream) }
        var input = body
        var output: [UInt8] = []
        var failure: Refusal?
        input.withUnsafeMutableBufferPointer { source in
            stream.pointee.next_in = source.baseAddress
            stream.pointee.avail_in = UInt32(source.count)
            do throws(Refusal) {
                while try step(stream, &output, limit: limit, admit: admit) {}
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return output
    }

    private static let full = Refusal(.tooManyRequests, "the server has no memory for this request now", retryAfter: 1)

    /// Decompresses up to 256 KiB.
    /// - Returns: Whether there is more.
    private static func step(
        _ stream: UnsafeMutablePointer<z_stream>,
        _ output: inout [UInt8],
        limit: Int,
        admit: (Int) -> Bool
    ) throws(Refusal) -> Bool {
        let size = 256 * 1_024
        guard admit(output.count + size) else { throw full }
        var status = Z_OK
        output += [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            stream.pointee.next_out = buffer.baseAddress
            stream.pointee.avail_out = UInt32(size)
            status = CSpanKitZlib.inflate(stream, Z_NO_FLUSH)
            count = size - Int(stream.pointee.avail_out)
        }
        guard output.count <= limit else {
            throw Refusal(.contentTooLarge, "the decompressed body is longer than \(limit) bytes; send smaller batches")
        }
        switch status {
        case Z_STREAM_END:
            // Gzip allows several members.
            guard stream.pointee.avail_in > 0 else { return false }
            guard inflateReset(stream) == Z_OK else { throw damaged }
            return true
        case Z_OK: return true
        default: throw damaged
        }
    }

    private static let damaged = Refusal(.badRequest, "the body is not gzip, or it is cut off")
}
