import CSpanKitZlib
import SpanKitOTLP
import SpanKitPlatform
import Synchronization

/// Compresses bodies with gzip: with ``TemplateCompressor`` if the encoder gives hints, otherwise with zlib.
///
/// Used by one thread at a time.
package final class GzipCompressor {
    private let template: TemplateCompressor?
    // Allocated separately, because zlib keeps the address.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let isReady: Bool

    /// - Parameter level: the level from 1 (fast) to 9 (small). zlib compresses bodies without hints, and all bodies above
    ///   ``largestTemplateLevel``.
    package init(level: Int32) {
        template = Self.usesHints(level: level) ? TemplateCompressor() : nil
        stream.initialize(to: z_stream())
        isReady = spankit_gzip_init(stream, level) == Z_OK
    }

    deinit {
        if isReady { deflateEnd(stream) }
        stream.deallocate()
    }

    /// The highest level at which ``TemplateCompressor`` is used. Its bodies are about as small as those of zlib at
    /// this level, in a small fraction of the time.
    private static let largestTemplateLevel: Int32 = 6

    /// Whether bodies are smaller with hints at this level.
    static func usesHints(level: Int32) -> Bool { level <= largestTemplateLevel }

    /// Compresses the bytes to one gzip member; returns nil if they would not get smaller, or zlib cannot allocate memory.
    /// - Parameter hints: where the bytes repeat (``SpanEncoder/hints``).
    package func compress(_ bytes: UnsafeRawBufferPointer, hints: UnsafeBufferPointer<RepeatHint>) -> [UInt8]? {
        guard let template, !hints.isEmpty else { return compress(bytes) }
        guard let compressed = template.compress(bytes, hints) else { return nil }
        guard Self.isChecked, !Inflater.isEqual(compressed, bytes) else { return compressed }
        Self.wrongResults.add(1, ordering: .relaxed)
        return compress(bytes)
    }

    /// Gives back the memory that a large body needed.
    package func shrink() { template?.shrink() }

    // MARK: Checking results

    /// How many results of ``TemplateCompressor`` in this process were wrong, so that zlib compressed the body again.
    package static let wrongResults = Atomic<UInt64>(0)
    private static let results = Atomic<UInt64>(0)

    /// Whether to decompress this result: in debug builds always, otherwise the first of a process and then some.
    private static var isChecked: Bool {
        let number = results.add(1, ordering: .relaxed).oldValue
        return _isDebugAssertConfiguration() || number < 16 || number % 256 == 0
    }

    // MARK: With zlib

    /// The bytes as one gzip member; nil if zlib cannot allocate memory.
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
    /// Whether the stream contains exactly these bytes.
    static func isEqual(_ stream: [UInt8], _ plain: UnsafeRawBufferPointer) -> Bool {
        guard let inflated = inflate(stream, limit: plain.count) else { return false }
        guard inflated.count == plain.count, let first = plain.baseAddress else { return inflated.count == plain.count }
        return memcmp(inflated, first, plain.count) == 0
    }

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
