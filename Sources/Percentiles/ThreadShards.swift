import CSpanKit
import SpanKitPlatform
import Synchronization

/// The shards of the current thread, one for each engine it has recorded with, as a list.
///
/// The list hangs on a pthread key, whose destructor hands the thread's counts to their engines when it ends. It may run
/// again if another destructor records after it; that is a new list then.
enum ThreadShards {
    private typealias Shard = UnsafeMutablePointer<ThreadShard>

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        #if canImport(Darwin)
            pthread_key_create(&key) { ThreadShards.retire($0.assumingMemoryBound(to: ThreadShard.self)) }
        #else
            pthread_key_create(&key) { list in
                if let list { ThreadShards.retire(list.assumingMemoryBound(to: ThreadShard.self)) }
            }
        #endif
        return key
    }()

    /// This thread's shard for an engine, made if it is the first; it becomes the current one.
    static func shard(for registry: OperationRegistry) -> UnsafeMutablePointer<ThreadShard> {
        let list = removeAbandoned(from: pthread_getspecific(key)?.assumingMemoryBound(to: ThreadShard.self))
        var candidate = list
        while let shard = candidate {
            if shard.pointee.engineID.load(ordering: .relaxed) == registry.id {
                pthread_setspecific(key, list)
                spankit_set_thread_percentiles(shard)
                return shard
            }
            candidate = shard.pointee.next
        }
        let shard = Shard.allocate(capacity: 1)
        shard.initialize(to: ThreadShard(registry: registry, next: list))
        registry.adopt(shard)
        pthread_setspecific(key, shard)
        spankit_set_thread_percentiles(shard)
        return shard
    }

    /// Frees the shards whose engines are gone.
    /// - Returns: the first of those that remain.
    private static func removeAbandoned(from list: Shard?) -> Shard? {
        var kept: Shard?
        var candidate = list
        while let shard = candidate {
            candidate = shard.pointee.next
            if shard.pointee.engineID.load(ordering: .acquiring) == 0 {
                if ThreadShard.current == shard { spankit_set_thread_percentiles(nil) }
                shard.deinitialize(count: 1)
                shard.deallocate()
            } else {
                shard.pointee.next = kept
                kept = shard
            }
        }
        return kept
    }

    /// Hands over everything the thread has counted.
    ///
    /// Runs on the thread while it ends.
    private static func retire(_ list: Shard) {
        spankit_set_thread_percentiles(nil)
        var candidate: Shard? = list
        while let shard = candidate {
            candidate = shard.pointee.next
            let registry = shard.pointee.registry
            registry.retire(shard)
            shard.deinitialize(count: 1)
            shard.deallocate()
        }
    }
}
