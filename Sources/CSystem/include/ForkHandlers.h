// What happens around `fork`. In C, because the handlers of the child and of the parent must not call the Swift runtime: it makes
// metadata, witness tables and lazy globals under locks of its own, one of which another thread may hold at the moment of the fork.
// That thread does not exist in the child, so a handler that asked for the same lock would wait for ever.
//
// | When | On | What |
// |---|---|---|
// | before the fork | the forking thread, all others run | the registered `prepare` functions, which may be Swift: they take locks with `spankit_fork_hold` and name regions with `spankit_fork_protect` |
// | after it, in the parent | the forking thread | gives the locks back, the last one first |
// | after it, in the child | the only thread | takes the regions away from their files, frees their slots, forgets the thread-locals, counts the fork, gives the locks back |
//
// Everything that the child has to forget beyond that, it forgets when it uses it first: whoever keeps state of a process compares
// `spankit_forks()` with the number at which the state was made. The thread-locals are empty in the child, so that the fast paths,
// which begin with them, need not compare.
#ifndef SPANKIT_FORK_HANDLERS_H
#define SPANKIT_FORK_HANDLERS_H

#include <stdbool.h>
#include <stdint.h>

/// Memory of a recorder that may be mapped to a file, and holds live slots.
struct spankit_fork_region {
    uint8_t *base;
    /// Bytes of the whole mapping.
    uint64_t bytes;
    /// The file behind the mapping, -1 for none. The child closes it and stores -1.
    int32_t *descriptor;
    /// The layout, as `RegionHeader`, `ChunkHeader` and `LiveSlot` have it.
    uint32_t chunk_bytes;
    uint32_t chunk_count_offset;
    uint32_t slot_chunk_type;
    uint32_t slot_bytes;
};

/// Has a function called before every fork of this process. As with `pthread_atfork`, the one that was registered last is called first.
///
/// Returns false when there is no room for it, or the system refuses the handlers. Any thread may call it.
bool spankit_on_fork(void (*prepare)(void));

/// Locks a mutex (`pthread_mutex_t *`) until the fork is over in parent and child. Only to be called by a `prepare` function.
///
/// Where there is no memory to remember the mutex, it is not locked.
void spankit_fork_hold(void *mutex);

/// Names a region of which the child gets a copy of its own, without open spans. Only to be called by a `prepare` function.
void spankit_fork_protect(struct spankit_fork_region region);

/// How many forks lie between the process that loaded this library and the calling one. The child of a fork has one more than its
/// parent.
static inline uint64_t spankit_forks(void) {
    // Changes only while a process has a single thread.
    extern uint64_t spankit_fork_count;
    return spankit_fork_count;
}

#endif
