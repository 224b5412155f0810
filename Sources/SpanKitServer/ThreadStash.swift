import CSpanKit
import SpanKitPlatform
import SpanKitRecording

/// Keeps a few values of each thread for reuse, instead of freeing and allocating them.
///
/// A value consists of a holder, which is a struct with one reference such as a dictionary, and an object in it. A
/// value is reused only if the stash has the only reference to the holder's storage, and the storage the only reference
/// to the object. Copy-on-write uses the same check, so it is safe no matter which thread released the last other
/// reference.
///
/// Holders are passed as their storage, by `unsafeBitCast`.
///
/// All methods are thread-safe. Each thread has its own values, which are freed when it ends. A process has one stash,
/// because there is one thread-local pointer for it.
struct ThreadStash: Sendable {
    /// Creates the stash; nil if a holder is not a single native object.
    /// - Parameter sample: any holder.
    init?<Holder>(_ sample: Holder) {
        #if canImport(ObjectiveC)
            // A dictionary may be an NSDictionary.
            return nil
        #else
            let parts = Mirror(reflecting: sample).children.map { Mirror(reflecting: $0.value).displayStyle }
            guard parts == [.dictionary], MemoryLayout<Holder>.size == MemoryLayout<AnyObject>.size else { return nil }
        #endif
    }

    /// Keeps a value, unless the stash is full.
    /// - Parameters:
    ///   - storage: the storage of the holder.
    ///   - object: the object, which the holder retains.
    func put(_ storage: AnyObject, _ object: AnyObject) {
        let part = StashPart.current
        guard part.pointee.count < StashPart.capacity else { return }
        part.pointee.entries[part.pointee.count] = StashPart.Entry(
            storage: .passRetained(storage),
            object: .passUnretained(object)
        )
        part.pointee.count += 1
    }

    /// Removes and returns a value of this thread without other references. Values with other references are released.
    func take() -> (storage: AnyObject, object: AnyObject)? {
        let part = StashPart.current
        while part.pointee.count > 0 {
            part.pointee.count -= 1
            var entry = part.pointee.entries[part.pointee.count]
            var storage = entry.storage.takeRetainedValue()
            guard isKnownUniquelyReferenced(&storage), Self.isUnique(&entry.object) else { continue }
            return (storage, entry.object.takeUnretainedValue())
        }
        return nil
    }

    /// Checks the reference in place, because a copy would be another reference.
    private static func isUnique(_ object: inout Unmanaged<AnyObject>) -> Bool {
        withUnsafeMutablePointer(to: &object) { pointer in
            pointer.withMemoryRebound(to: AnyObject.self, capacity: 1) { isKnownUniquelyReferenced(&$0.pointee) }
        }
    }
}

/// The values of one thread.
private struct StashPart {
    struct Entry {
        /// Retained by the stash.
        var storage: Unmanaged<AnyObject>
        /// The stash does not retain the object; `storage` does.
        var object: Unmanaged<AnyObject>
    }

    /// The usual depth of nested spans.
    static let capacity = 8

    var count = 0
    let entries = UnsafeMutablePointer<Entry>.allocate(capacity: capacity)

    @inline(__always)
    static var current: UnsafeMutablePointer<StashPart> {
        spankit_thread_stash()?.assumingMemoryBound(to: StashPart.self) ?? make()
    }

    private static let exitHook = ThreadExitHook { _ in StashPart.threadEnds() }

    @inline(never)
    private static func make() -> UnsafeMutablePointer<StashPart> {
        let part = UnsafeMutablePointer<StashPart>.allocate(capacity: 1)
        part.initialize(to: StashPart())
        spankit_set_thread_stash(part)
        exitHook?.arm()
        return part
    }

    private static func threadEnds() {
        guard let part = spankit_thread_stash()?.assumingMemoryBound(to: StashPart.self) else { return }
        spankit_set_thread_stash(nil)
        for position in 0..<part.pointee.count { part.pointee.entries[position].storage.release() }
        part.pointee.entries.deallocate()
        part.deallocate()
    }
}
