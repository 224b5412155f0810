import SpanKitPlatform

/// The bytes of a message as they are written.
///
/// Two kinds of bytes come in: *fragments*, which are known before the first span (`fragment(_:)`), and *values*, which are
/// all others. They are told apart here, at the boundary to the compressor, so that one which knows the fragments
/// can be put in place of the flat buffer.
///
/// Invariant: `start ≤ position ≤ end`; every write is covered by a ``reserve(_:)`` before it, which is asserted in debug
/// builds. Belongs to one thread at a time.
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

    /// Bytes written so far.
    package var count: Int { position - start }

    /// What was written; good until the next write.
    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// Some of what was written; good until the next write.
    @inline(__always)
    func bytes(at offset: Int, count: Int) -> UnsafeRawBufferPointer {
        assert(offset >= 0 && count >= 0 && offset + count <= self.count)
        return UnsafeRawBufferPointer(start: start + offset, count: count)
    }

    /// Forgets what was written behind `count`.
    package mutating func truncate(to count: Int) {
        assert(count <= self.count)
        position = start + count
    }

    /// Makes room for `bytes` more.
    @inline(__always)
    mutating func reserve(_ bytes: Int) {
        if end - position < bytes { grow(bytes) }
    }

    @inline(never)
    private mutating func grow(_ bytes: Int) {
        move(toCapacity: max(2 * (end - start), count + bytes + 4_096))
    }

    /// Gives memory back that one large message needed and the usual one does not.
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

    // MARK: Writing into reserved room

    @inline(__always)
    mutating func fragment(_ text: StaticString) {
        copy(UnsafeRawPointer(text.utf8Start), text.utf8CodeUnitCount)
    }

    /// A fragment of a length that is not known when this is compiled: usually a few dozen bytes, for which a call of `memcpy`
    /// takes longer than the copy.
    @inline(__always)
    mutating func fragment(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        let count = bytes.count
        guard count >= 16, count <= 128 else { return copy(base, count) }
        assert(end - position >= count, "reserve before writing")
        var offset = 0
        while offset + 16 <= count {
            position.storeBytes(
                of: (base + offset).loadUnaligned(as: SIMD2<UInt64>.self),
                toByteOffset: offset,
                as: SIMD2<UInt64>.self
            )
            offset += 16
        }
        // The last sixteen, some of them for the second time.
        let last = count - 16
        position.storeBytes(
            of: (base + last).loadUnaligned(as: SIMD2<UInt64>.self),
            toByteOffset: last,
            as: SIMD2<UInt64>.self
        )
        position += count
    }

    @inline(__always)
    mutating func byte(_ byte: UInt8) {
        assert(end - position >= 1)
        position.storeBytes(of: byte, as: UInt8.self)
        position += 1
    }

    /// Bytes as they are.
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

    /// Has reserved room written by `body`, which returns how many bytes it wrote.
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

    /// Moves what was written behind `offset` by `distance` bytes, to make or to close a gap before it.
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
