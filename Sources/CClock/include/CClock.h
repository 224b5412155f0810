// What Swift cannot say itself: the processor's time-stamp counter, thread-local pointers, and the heap counter.
// Everything on the hot path is `static inline`, so it costs the instruction and nothing else.
#ifndef SPANKIT_CCLOCK_H
#define SPANKIT_CCLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

#include "ForkHandlers.h"

/// Reads the processor's constant-rate counter: TSC on x86-64, CNTVCT_EL0 on arm64, CLOCK_MONOTONIC elsewhere.
///
/// Not serialising on purpose: it may overlap with its neighbours, which costs at most a few nanoseconds of precision.
static inline uint64_t spankit_counter(void) {
#if defined(__x86_64__)
    return __rdtsc();
#elif defined(__aarch64__)
    uint64_t value;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(value));
    return value;
#else
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
#endif
}

/// Nanoseconds of CLOCK_MONOTONIC.
static inline uint64_t spankit_monotonic_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/// Nanoseconds since 1970-01-01 UTC (CLOCK_REALTIME).
static inline int64_t spankit_wall_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + (int64_t)now.tv_nsec;
}

/// One pointer for each kind of state that is kept per thread. Zero in a new thread.
struct spankit_thread_locals {
    void *percentiles;
    void *recording;
    void *stash;
};

// initial-exec: one load relative to the thread pointer, no call. 24 bytes fit the surplus that the loader keeps
// for libraries opened at run time.
extern _Thread_local struct spankit_thread_locals spankit_thread_locals_current
    __attribute__((tls_model("initial-exec")));

static inline void *spankit_thread_percentiles(void) { return spankit_thread_locals_current.percentiles; }
static inline void spankit_set_thread_percentiles(void *state) { spankit_thread_locals_current.percentiles = state; }
static inline void *spankit_thread_recording(void) { return spankit_thread_locals_current.recording; }
static inline void spankit_set_thread_recording(void *state) { spankit_thread_locals_current.recording = state; }
static inline void *spankit_thread_stash(void) { return spankit_thread_locals_current.stash; }
static inline void spankit_set_thread_stash(void *state) { spankit_thread_locals_current.stash = state; }

/// Names the calling thread for `ps` and debuggers; at most 15 bytes are shown.
void spankit_name_thread(const char *name);

/// Where the innermost value of a task-local lies, NULL where none is bound: the function of the Swift runtime that
/// `TaskLocal.get()` calls before it copies the value. The key is the address of the `TaskLocal` object. The address is good
/// as long as the binding: until the caller returns or suspends.
__attribute__((swiftcall)) const void *swift_task_localValueGet(const void *key);

/// Bytes the process has allocated from the heap and not freed, counted by the C library (`mallinfo2`: all arenas and
/// mapped blocks). Where the C library cannot say (not glibc ≥ 2.33): 0.
///
/// Takes the lock of each arena in turn: about a microsecond, so never on a path that has not asked for it.
uint64_t spankit_heap_in_use(void);

/// Whether `spankit_heap_in_use` counts anything on this system.
bool spankit_heap_is_counted(void);

#endif
