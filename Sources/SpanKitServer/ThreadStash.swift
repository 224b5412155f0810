import CSpanKit
import SpanKitPlatform
import SpanKitRecording

/// Keeps a few values of each thread that were used and may be used again, instead of being freed and made anew.
///
/// A value is a holder, a struct around one reference such as a dictionary, and an object that lies in it. A thread gets
/// them back only when nobody can see either of them any more: when the stash has the only reference to the holder's storage,
/// and that the only one to the object. Both are the question that copy on write asks, so whoever let go of them last, on
/// whichever thread, has done so before.
///
/// It knows holders by their storage, which is what `unsafeBitCast` makes of them.
///
/// Threads: any; each has a part of its own, freed when the thread ends. There is one stash in a process, because there
/// is one thread-local pointer for it.
struct ThreadStash: Sendable {
    /// Creates the stash; nil where a holder is not known to be one native object, whose references can be counted.
    /// - Parameter sample: any holder.
    init?<Holder>(_ sample: Holder) {
        #if canImport(ObjectiveC)
            // A dictionary may be an NSDictionary there.
            return nil
        #else
            let parts = Mirror(reflecting: sample).children.map { Mirror(reflecting: $0.value).displayStyle }
            guard parts == [.dictionary], MemoryLayout<Holder>.size == MemoryLayout<AnyObject>.size else { return nil }
        #endif
    }

    /// Keeps a value, unless there are enough.
    /// - Parameters:
    ///   - storage: of the holder.
    ///   - object: lies in the holder, so that it lives as long.
    func put(_ storage: AnyObject, _ object: AnyObject) {
        let part = StashPart.current
        guard part.pointee.count < StashPart.capacity else { return }
        part.pointee.entries[part.pointee.count] = StashPart.Entry(
            storage: .passRetained(storage),
            object: .passUnretained(object)
        )
        part.pointee.count += 1
    }

    /// A value of this thread that nobody else has; others are let go of.
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

    /// Looks at the reference itself: a copy of it would be another one.
    private static func isUnique(_ object: inout Unmanaged<AnyObject>) -> Bool {
        withUnsafeMutablePointer(to: &object) { pointer in
            pointer.withMemoryRebound(to: AnyObject.self, capacity: 1) { isKnownUniquelyReferenced(&$0.pointee) }
        }
    }
}

/// What one thread keeps.
private struct StashPart {
    struct Entry {
        /// Counted: the stash's reference.
        var storage: Unmanaged<AnyObject>
        /// Not counted: `storage` has it.
        var object: Unmanaged<AnyObject>
    }

    /// As many spans as are often nested.
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
