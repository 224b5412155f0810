import Foundation

/// A shared file with the progress of each thread in eight bytes.
struct Counters: @unchecked Sendable {
    private let base: UnsafeMutableRawPointer

    init(_ path: String, count: Int) {
        let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
        ftruncate(descriptor, count * 8)
        guard let base = mmap(nil, count * 8, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), base != MAP_FAILED
        else { exit(70) }
        self.base = base
    }

    func store(_ count: Int, at place: Int) {
        base.storeBytes(of: UInt64(count), toByteOffset: place * 8, as: UInt64.self)
    }
}
