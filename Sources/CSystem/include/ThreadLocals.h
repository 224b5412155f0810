// What belongs to a thread or a task: pointers of the thread's own, its name, and the values of task-locals.
#ifndef SPANKIT_THREAD_LOCALS_H
#define SPANKIT_THREAD_LOCALS_H

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

#endif
