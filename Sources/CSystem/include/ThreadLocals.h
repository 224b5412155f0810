// Thread-local pointers, numbers and names of threads, and access to task-locals.
#ifndef SPANKIT_THREAD_LOCALS_H
#define SPANKIT_THREAD_LOCALS_H

#include <stdint.h>

/// One pointer for each kind of state of a thread. NULL in a new thread.
struct spankit_thread_locals {
    void *percentiles;
    void *recording;
    void *stash;
    void *metrics;
    /// See `spankit_thread_stripe`. 0 in a thread that has no number.
    uintptr_t stripe;
    /// How many calls on the thread's stack keep log records from being made. See `spankit_mute_log_records`.
    uintptr_t log_record_mutes;
};

// initial-exec: one load relative to the thread pointer instead of a call. The 48 bytes fit into the space that the loader reserves
// for libraries that are opened at run time.
extern _Thread_local struct spankit_thread_locals spankit_thread_locals_current
    __attribute__((tls_model("initial-exec")));

static inline void *spankit_thread_percentiles(void) { return spankit_thread_locals_current.percentiles; }
static inline void spankit_set_thread_percentiles(void *state) { spankit_thread_locals_current.percentiles = state; }
static inline void *spankit_thread_recording(void) { return spankit_thread_locals_current.recording; }
static inline void spankit_set_thread_recording(void *state) { spankit_thread_locals_current.recording = state; }
static inline void *spankit_thread_stash(void) { return spankit_thread_locals_current.stash; }
static inline void spankit_set_thread_stash(void *state) { spankit_thread_locals_current.stash = state; }

static inline void *spankit_thread_metrics(void) { return spankit_thread_locals_current.metrics; }
static inline void spankit_set_thread_metrics(void *state) { spankit_thread_locals_current.metrics = state; }

/// The bits of a stripe's offset below the number of the thread.
#define SPANKIT_STRIPE_SHIFT 12

/// Gives the calling thread the next number.
uintptr_t spankit_number_thread(void);

/// The number of the calling thread, shifted left by `SPANKIT_STRIPE_SHIFT`, with the lowest bit set.
///
/// Threads are numbered from 0 in the order of their first call. Masked with the number of stripes, it is the offset of the memory that
/// this thread shares with few others.
static inline uintptr_t spankit_thread_stripe(void) {
    uintptr_t stripe = spankit_thread_locals_current.stripe;
    return stripe != 0 ? stripe : spankit_number_thread();
}

/// Keeps the calling thread from making log records, until `spankit_unmute_log_records` was called as often. So what the exporter logs
/// is not exported again.
static inline void spankit_mute_log_records(void) { spankit_thread_locals_current.log_record_mutes++; }
static inline void spankit_unmute_log_records(void) { spankit_thread_locals_current.log_record_mutes--; }
static inline int spankit_log_records_are_muted(void) { return spankit_thread_locals_current.log_record_mutes != 0; }

/// Sets the name of the calling thread, of which at most 15 bytes are used.
void spankit_name_thread(const char *name);

/// The address of a task-local's innermost value; NULL if none is bound. `TaskLocal.get()` calls this function of the Swift runtime
/// and copies the value. The key is the address of the `TaskLocal` object. The result is valid until the caller returns or suspends.
__attribute__((swiftcall)) const void *swift_task_localValueGet(const void *key);

#endif
