import SpanKitPlatform

/// Memory for a table that may remain nearly empty. It is zero, and its pages become resident only when they are written.
///
/// It is never unmapped, so a table remains readable after its recorder was closed. All fields are plain values.
struct TablePages: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    let byteCount: Int

    init(bytes: Int) {
        byteCount = bytes
        let mapped = mmap(nil, bytes, PROT_READ | PROT_WRITE, Int32(MAP_PRIVATE | MAP_ANONYMOUS), -1, 0)
        if let mapped, mapped != UnsafeMutableRawPointer(bitPattern: -1) {
            base = mapped
        } else {
            // Without address space this ends the process, like any other allocation.
            base = .allocate(byteCount: bytes, alignment: 4_096)
            base.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        }
    }

    /// Releases the pages. Their addresses remain valid and read as zero. Other threads may be reading.
    func release() {
        madvise(base, byteCount, Int32(MADV_DONTNEED))
    }
}
