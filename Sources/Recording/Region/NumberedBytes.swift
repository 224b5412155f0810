/// Appends numbered bytes, such as the texts of a ``StringTable``, to chunks of a region, from where other processes can read them.
///
/// Each is stored as its number (four bytes), its length (four bytes) and its bytes. The next number begins at a multiple of eight. Only
/// one thread at a time may use it.
struct NumberedBytes {
    static let lengthOffset = 4
    static let contentOffset = 8
    private static let room = Region.chunkBytes - ChunkHeader.bytes

    private let type: ChunkType
    private var chunk: UnsafeMutablePointer<ChunkHeader>?

    init(_ type: ChunkType) {
        self.type = type
    }

    /// - Returns: The address of the stored bytes, which are valid as long as the region; nil if the region is full or the bytes do not
    ///   fit into a chunk.
    mutating func store(_ bytes: UnsafeRawBufferPointer, number: UInt32, in region: Region) -> UnsafeRawPointer? {
        let count = (Self.contentOffset + bytes.count + 7) & ~7
        guard count <= Self.room else { return nil }
        var used = chunk.map { Int($0.committed.pointee.load(ordering: .relaxed)) } ?? Self.room
        if used + count > Self.room {
            guard let next = region.openChunk(type) else { return nil }
            chunk = next
            used = 0
        }
        guard let chunk else { return nil }
        let place = chunk.content + used
        place.storeBytes(of: number, as: UInt32.self)
        place.storeBytes(of: UInt32(bytes.count), toByteOffset: Self.lengthOffset, as: UInt32.self)
        UnsafeMutableRawBufferPointer(start: place + Self.contentOffset, count: bytes.count).copyMemory(from: bytes)
        chunk.committed.pointee.store(UInt64(used + count), ordering: .releasing)
        return UnsafeRawPointer(place + Self.contentOffset)
    }
}
