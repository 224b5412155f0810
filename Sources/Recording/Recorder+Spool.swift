import Synchronization

extension Recorder {
    /// The note of what is being taken out of this recorder's log. Of use only where the region stands in a file.
    package var journal: ConsumptionJournal { ConsumptionJournal(base: region.base) }

    /// Writes who records into the region, for whoever finds it after a crash. Once, before the first span.
    package func describe(resource: [Attribute]) {
        var entries = EntryBytes()
        entries.write(resource)
        guard entries.storage.count <= Region.chunkBytes - ChunkHeader.bytes,
            let chunk = region.openChunk(.resource)
        else { return }
        entries.storage.withUnsafeBytes { bytes in
            UnsafeMutableRawBufferPointer(start: chunk.content, count: bytes.count).copyMemory(from: bytes)
        }
        chunk.committed.pointee.store(UInt64(entries.storage.count), ordering: .releasing)
    }

    /// Notes that the process is alive, so that its open spans have an end should it die. To be called every second or so.
    package func noteAlive() {
        let now = clock.anchor().unixNanoseconds(at: clock.now())
        region.base.atomicUInt64(at: RegionHeader.lastSeenOffset).pointee
            .store(UInt64(bitPattern: now), ordering: .relaxed)
    }
}
