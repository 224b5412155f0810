import SpanKitPlatform

/// Memory for a table that may stay nearly empty: zero until it is written, and without pages of the system where it never was.
///
/// Never unmapped, so that a table may outlive its recorder and still be looked at. Holds no more than two plain values.
struct TablePages: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    private let byteCount: Int

    init(bytes: Int) {
        byteCount = bytes
        let mapped = mmap(nil, bytes, PROT_READ | PROT_WRITE, Int32(MAP_PRIVATE | MAP_ANONYMOUS), -1, 0)
        if let mapped, mapped != UnsafeMutableRawPointer(bitPattern: -1) {
            base = mapped
        } else {
            // No address space: this ends the process, as any other allocation would.
            base = .allocate(byteCount: bytes, alignment: 4_096)
            base.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        }
    }

    /// Gives the pages back to the system; the addresses stay valid and read as zero. Others may be reading.
    func release() {
        madvise(base, byteCount, Int32(MADV_DONTNEED))
    }

    /// How many bytes of it are in memory now.
    var residentBytes: Int {
        let pageBytes = sysconf(Int32(_SC_PAGESIZE))
        var pages = [UInt8](repeating: 0, count: (byteCount + pageBytes - 1) / pageBytes)
        guard mincore(base, byteCount, &pages) == 0 else { return byteCount }
        return pages.count { $0 & 1 == 1 } * pageBytes
    }
}
