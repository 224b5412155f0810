import CSpanKit
import SpanKitPlatform
import Synchronization

/// The list of the current thread's shards, one for each engine that it has recorded with.
///
/// A pthread key holds the list. Its destructor passes the thread's counts to their engines when the thread ends. It may run
/// again, with a new list, if another destructor records something afterwards.
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

    /// This thread's shard for an engine, created if necessary. It becomes the current one.
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

    /// Frees the shards of engines that are gone.
    /// - Returns: the first of the remaining shards.
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

    /// Passes the thread's counts to their engines. Runs on the thread while it ends.
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
