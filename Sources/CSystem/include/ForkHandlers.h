// Fork handlers. They are in C because the handlers after the fork must not call the Swift runtime, which creates metadata, witness
// tables and lazy globals under locks of its own. Another thread may hold one of these locks during the fork. That thread does not
// exist in the child, so a handler that needs the lock would wait forever.
//
// | When | Thread | What it does |
// |---|---|---|
// | before the fork | the forking thread, while all others run | calls the registered `prepare` functions, which may be in Swift: they lock mutexes with `spankit_fork_hold` and register regions with `spankit_fork_protect` |
// | after the fork, in the parent | the forking thread | unlocks the mutexes in reverse order |
// | after the fork, in the child | the only thread | replaces the regions by private copies and other memory by zeros, frees the slots, clears the thread-locals, counts the fork and notes its time, unlocks the mutexes |
//
// The child clears all other state when it first uses it: types with state of the process compare `spankit_forks()` with the number
// at which the state was created. The thread-locals are empty in the child, so the fast paths, which start with them, do not compare.
#ifndef SPANKIT_FORK_HANDLERS_H
#define SPANKIT_FORK_HANDLERS_H

#include <stdbool.h>
#include <stdint.h>

/// The memory of a recorder, which holds live slots and may be mapped to a file.
struct spankit_fork_region {
    uint8_t *base;
    /// Bytes of the whole mapping.
    uint64_t bytes;
    /// The descriptor of the mapped file, or -1. The child closes it and stores -1.
    int32_t *descriptor;
    /// The layout of `RegionHeader`, `ChunkHeader` and `LiveSlot`.
    uint32_t chunk_bytes;
    uint32_t chunk_count_offset;
    uint32_t slot_chunk_type;
    uint32_t slot_bytes;
};

/// Memory that the child sees as zero, such as the counts of the parent's instruments.
struct spankit_fork_memory {
    uint8_t *base;
    /// The bytes that are mapped to a file.
    uint64_t bytes;
    /// The descriptor of the file, or -1. The child closes it and stores -1.
    int32_t *descriptor;
};

/// Registers a function that is called before every fork of this process. Like with `pthread_atfork`, the last one is called first.
///
/// Returns false if too many functions are registered or the system refuses the handlers. Call it from any thread.
bool spankit_on_fork(void (*prepare)(void));

/// Locks a mutex (`pthread_mutex_t *`) until the fork is over in parent and child. Call it only from a `prepare` function.
///
/// Without memory for its list, it does not lock the mutex.
void spankit_fork_hold(void *mutex);

/// Registers a region for this fork: the child gets a private copy without open spans. Call it only from a `prepare` function.
void spankit_fork_protect(struct spankit_fork_region region);

/// Registers memory for this fork: the child gets zeros in its place. Call it only from a `prepare` function.
void spankit_fork_forget(struct spankit_fork_memory memory);

/// The number of forks between the process that loaded this library and the calling process. A child has one more than its parent.
static inline uint64_t spankit_forks(void) {
    // It changes only while the process has a single thread.
    extern uint64_t spankit_fork_count;
    return spankit_fork_count;
}

/// The time of the last fork that created the calling process, in nanoseconds since 1970; 0 if there was none.
static inline int64_t spankit_fork_nanoseconds(void) {
    extern int64_t spankit_fork_time;
    return spankit_fork_time;
}

#endif
