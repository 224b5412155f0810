import SpanKitPlatform

/// The bytes of a message while it is written.
///
/// *Fragments* are bytes that are known before the first span (`fragment(_:)`); all others are *values*. They are written by
/// different functions, so that a compressor that knows the fragments can replace the flat buffer.
///
/// Invariant: `start ≤ position ≤ end`. A call of ``reserve(_:)`` has to precede every write, which is asserted in debug builds.
/// Only one thread at a time may use it.
package struct Output: ~Copyable {
    private var start: UnsafeMutableRawPointer
    @usableFromInline private(set) var position: UnsafeMutableRawPointer
    private var end: UnsafeMutableRawPointer

    package init(capacity: Int = 64 * 1_024) {
        start = .allocate(byteCount: capacity, alignment: 16)
        position = start
        end = start + capacity
    }

    deinit { start.deallocate() }

    /// The number of bytes written so far.
    package var count: Int { position - start }

    /// The bytes written so far; valid until the next write.
    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// Some of the bytes written so far; valid until the next write.
    @inline(__always)
    func bytes(at offset: Int, count: Int) -> UnsafeRawBufferPointer {
        assert(offset >= 0 && count >= 0 && offset + count <= self.count)
        return UnsafeRawBufferPointer(start: start + offset, count: count)
    }

    /// Removes everything after the first `count` bytes.
    package mutating func truncate(to count: Int) {
        assert(count <= self.count)
        position = start + count
    }

    /// Makes sure that there is memory for `bytes` more bytes.
    @inline(__always)
    mutating func reserve(_ bytes: Int) {
        if end - position < bytes { grow(bytes) }
    }

    @inline(never)
    private mutating func grow(_ bytes: Int) {
        move(toCapacity: max(2 * (end - start), count + bytes + 4_096))
    }

    /// Frees the memory that one large message needed, down to `capacity` bytes.
    package mutating func shrink(to capacity: Int) {
        if end - start > capacity, count <= capacity { move(toCapacity: capacity) }
    }

    private mutating func move(toCapacity capacity: Int) {
        let moved = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        moved.copyMemory(from: start, byteCount: count)
        position = moved + count
        start.deallocate()
        start = moved
        end = moved + capacity
    }

    // MARK: Writing that needs no reserved memory

    /// A fragment.
    @inline(__always)
    mutating func write(_ text: StaticString) {
        reserve(text.utf8CodeUnitCount)
        fragment(text)
    }

    /// Appends bytes unchanged.
    package mutating func append(_ bytes: [UInt8]) {
        reserve(bytes.count)
        bytes.withUnsafeBytes { raw($0) }
    }

    /// Appends bytes unchanged.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count)
        raw(bytes)
    }

    // MARK: Writing into reserved memory

    @inline(__always)
    mutating func fragment(_ text: StaticString) {
        copy(UnsafeRawPointer(text.utf8Start), text.utf8CodeUnitCount)
    }

    /// How many bytes ``fragment(padded:)`` may read and write after the fragment.
    static let padding = 64

    /// A fragment whose length is not known at compile time. Both the fragment's memory and the reserved memory have
    /// ``padding`` bytes more than the fragment needs.
    ///
    /// Most fragments have a few dozen bytes. The function copies 64 bytes at a time regardless of the length, because
    /// the processor could not predict a branch on the length.
    @inline(__always)
    mutating func fragment(padded bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        assert(end - position >= bytes.count + Self.padding, "reserve before writing")
        var offset = 0
        repeat {
            for part in 0..<4 {
                let place = offset &+ 16 &* part
                position.storeBytes(
                    of: (base + place).loadUnaligned(as: SIMD2<UInt64>.self),
                    toByteOffset: place,
                    as: SIMD2<UInt64>.self
                )
            }
            offset &+= Self.padding
        } while offset < bytes.count
        position += bytes.count
    }

    @inline(__always)
    mutating func byte(_ byte: UInt8) {
        assert(end - position >= 1)
        position.storeBytes(of: byte, as: UInt8.self)
        position += 1
    }

    /// Appends bytes unchanged.
    @inline(__always)
    mutating func raw(_ bytes: UnsafeRawBufferPointer) {
        if let base = bytes.baseAddress { copy(base, bytes.count) }
    }

    @inline(__always)
    mutating func store<Value: BitwiseCopyable>(_ value: Value) {
        assert(end - position >= MemoryLayout<Value>.size)
        position.storeBytes(of: value, as: Value.self)
        position += MemoryLayout<Value>.size
    }

    /// Lets `body` write into reserved memory. It returns how many bytes it wrote.
    @inline(__always)
    mutating func write(_ body: (UnsafeMutableRawPointer) -> Int) {
        let count = body(position)
        assert(end - position >= count, "reserve before writing")
        position += count
    }

    @inline(__always)
    private mutating func copy(_ source: UnsafeRawPointer, _ count: Int) {
        assert(end - position >= count, "reserve before writing")
        memcpy(position, source, count)
        position += count
    }

    /// Moves the bytes after `offset` by `distance` bytes, to open or close a gap.
    mutating func shift(from offset: Int, by distance: Int) {
        if distance > 0 { reserve(distance) }
        let source = start + offset
        memmove(source + distance, source, position - source)
        position += distance
    }

    /// Overwrites a byte.
    mutating func replace(at offset: Int, with byte: UInt8) {
        assert(offset < count)
        start.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
    }
}
