#define _GNU_SOURCE
#include "TaskStates.h"

#if __linux__ && __LP64__

#include "ClockCounter.h"
#include "Records.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SWIFT_CC __attribute__((swiftcall))
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

// What this file assumes about the runtime (Swift 6.3, 64-bit). The self-test in SpanKitConcurrency checks each of it.

typedef SWIFT_CC void (*context_function)(char *state);
typedef SWIFT_CC void (*enqueue_function)(void *job);
typedef SWIFT_CC void (*enqueue_hook)(void *job, enqueue_function original);

extern SWIFT_CC void *swift_task_getCurrent(void);
// Weak, so that a program links with a runtime that has other names.
extern enqueue_hook swift_task_enqueueGlobal_hook __attribute__((weak));
extern enqueue_hook swift_task_enqueueMainExecutor_hook __attribute__((weak));
extern const uint32_t _swift_concurrency_debug_internal_layout_version __attribute__((weak));
// Defined by the linker's option --wrap.
extern SWIFT_CC void __real_swift_task_enterThreadLocalContext(char *state) __attribute__((weak));
extern SWIFT_CC void __real_swift_task_exitThreadLocalContext(char *state) __attribute__((weak));

enum {
    /// The version of the layout of tasks.
    layout_version = 1,
    /// From the task to the state that the runtime passes to both functions.
    state_offset = 80,
    /// From the task to its status word.
    status_offset = 0x60,
    status_running = 0x800,
    status_enqueued = 0x1000,
};

static context_function runtime_enter, runtime_exit;
static enqueue_hook next_global, next_main;
static int level;
static int uses_counter;

// MARK: Threads

static struct spankit_task_thread *threads;
static _Thread_local struct spankit_task_thread *current_thread __attribute__((tls_model("initial-exec")));
static pthread_key_t exit_key;

static void thread_ends(void *pointer) {
    struct spankit_task_thread *thread = pointer;
    current_thread = NULL;
    WRITE(thread->since, 0);
    __atomic_store_n(&thread->is_used, 0, __ATOMIC_RELEASE);
}

/// Takes the record of a thread that has ended, or allocates one. Records are never freed, because the watchdog reads them.
__attribute__((noinline)) static struct spankit_task_thread *make_thread(void) {
    struct spankit_task_thread *thread = __atomic_load_n(&threads, __ATOMIC_ACQUIRE);
    for (; thread != NULL; thread = thread->next) {
        uint32_t no = 0;
        if (__atomic_compare_exchange_n(&thread->is_used, &no, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) break;
    }
    if (thread == NULL) {
        // Without memory, threads share one, and their times may be wrong.
        static struct spankit_task_thread shared;
        thread = calloc(1, sizeof *thread);
        if (thread == NULL) return current_thread = &shared;
        thread->is_used = 1;
        thread->next = READ(threads);
        while (!__atomic_compare_exchange_n(&threads, &thread->next, thread, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {}
    }
    WRITE(thread->task, 0);
    WRITE(thread->record, NULL);
    WRITE(thread->outer_task, 0);
    WRITE(thread->number, (int32_t)syscall(SYS_gettid));
    current_thread = thread;
    pthread_setspecific(exit_key, thread);
    return thread;
}

static inline struct spankit_task_thread *this_thread(void) {
    struct spankit_task_thread *thread = current_thread;
    return UNLIKELY(thread == NULL) ? make_thread() : thread;
}

struct spankit_task_thread *spankit_states_threads(void) { return __atomic_load_n(&threads, __ATOMIC_ACQUIRE); }

uint64_t spankit_states_busy_since(struct spankit_task_thread *thread, uint32_t *slot) {
    uint64_t since = READ(thread->since);
    struct spankit_task_record *record = READ(thread->record);
    if (since == 0 || record == NULL || is_unused(record)) return 0;
    *slot = READ(record->innermost);
    // The thread may have left the task between the loads.
    return READ(thread->since) == since ? since : 0;
}

static inline uint64_t now(void) { return READ(uses_counter) ? spankit_counter() : spankit_monotonic_nanoseconds(); }

uint64_t spankit_states_now(void) { return now(); }

// MARK: The self-test

static uintptr_t watched_task;
static struct spankit_states_proof *watched;

static inline uint64_t status_of(uintptr_t task) { return READ(*(uint64_t *)(task + status_offset)); }

void spankit_states_watch(struct spankit_states_proof *proof) {
    watched = proof;
    __atomic_store_n(&watched_task, proof == NULL ? 0 : (uintptr_t)swift_task_getCurrent(), __ATOMIC_RELEASE);
}

__attribute__((noinline)) static void note_enter(uintptr_t task) {
    __atomic_fetch_add(&watched->enters, 1, __ATOMIC_RELAXED);
    if (status_of(task) & status_running) __atomic_fetch_add(&watched->running, 1, __ATOMIC_RELAXED);
}

__attribute__((noinline)) static void note_exit(uintptr_t task) {
    uint64_t status = status_of(task);
    __atomic_fetch_add(&watched->exits, 1, __ATOMIC_RELAXED);
    if (!(status & status_running)) __atomic_fetch_add(&watched->left, 1, __ATOMIC_RELAXED);
    if (status & status_enqueued) __atomic_fetch_add(&watched->waiting, 1, __ATOMIC_RELAXED);
}

// MARK: What the runtime calls

static void enter(uintptr_t task) {
    struct spankit_task_thread *thread = this_thread();
    struct spankit_task_record *record = spankit_find_record(task);
    // Without an exit, the last task has ended on this thread, or it has started this one in place.
    if (UNLIKELY(READ(thread->record) != NULL)) {
        WRITE(thread->outer_task, READ(thread->task));
        WRITE(thread->outer_record, READ(thread->record));
        WRITE(thread->outer_since, READ(thread->since));
    }
    WRITE(thread->task, task);
    WRITE(thread->record, record);
    if (record == NULL) {
        WRITE(thread->since, 0);
    } else {
        uint64_t tick = now(), mark = READ(record->mark), stamp = READ(record->stamp);
        // All of the gap if it waited for an actor; what followed the stamp if the pool accepted it; nothing otherwise.
        uint64_t from = READ(record->waits) || (stamp != 0 && stamp < mark) ? mark : stamp != 0 ? stamp : tick;
        uint64_t queued = between(from, tick);
        ADD(record->queued, queued);
        if (READ(record->waits)) ADD(record->contended, queued);
        WRITE(record->stamp, 0);
        WRITE(record->waits, 0);
        WRITE(record->mark, tick);
        WRITE(thread->since, tick);
    }
    if (UNLIKELY(task == READ(watched_task))) note_enter(task);
}

static void leave(uintptr_t task) {
    struct spankit_task_thread *thread = this_thread();
    struct spankit_task_record *record = READ(thread->record);
    if (READ(thread->task) != task) record = spankit_find_record(task);
    if (record != NULL) {
        uint64_t tick = now();
        run_until(record, tick);
        WRITE(record->waits, (status_of(task) & status_enqueued) != 0);
    }
    if (UNLIKELY(READ(thread->outer_task) != 0)) {
        WRITE(thread->task, READ(thread->outer_task));
        WRITE(thread->record, READ(thread->outer_record));
        WRITE(thread->since, READ(thread->outer_since));
        WRITE(thread->outer_task, 0);
    } else {
        WRITE(thread->task, 0);
        WRITE(thread->record, NULL);
        WRITE(thread->since, 0);
    }
    if (UNLIKELY(task == READ(watched_task))) note_exit(task);
}

/// Enters a task after the runtime has done so itself.
static inline void entered(char *state) {
    if (READ(level) != SPANKIT_STATES_OFF) enter((uintptr_t)state - state_offset);
}

/// Leaves a task before another thread can take it.
static inline void leaving(char *state) {
    if (READ(level) != SPANKIT_STATES_OFF) leave((uintptr_t)state - state_offset);
}

/// The runtime may run tasks before the constructors of this program. Threads that look up the functions at the same time store the same.
static context_function lookup(context_function *place, const char *name) {
    context_function function = READ(*place);
    if (UNLIKELY(function == NULL)) {
        function = (context_function)dlsym(RTLD_NEXT, name);
        WRITE(*place, function);
    }
    return function;
}

// Weak, because a statically linked runtime has its own, which wins. The program is then linked with --wrap, see below.
__attribute__((weak, visibility("default"))) SWIFT_CC void swift_task_enterThreadLocalContext(char *state) {
    context_function function = lookup(&runtime_enter, "swift_task_enterThreadLocalContext");
    if (function != NULL) function(state);
    entered(state);
}

__attribute__((weak, visibility("default"))) SWIFT_CC void swift_task_exitThreadLocalContext(char *state) {
    leaving(state);
    context_function function = lookup(&runtime_exit, "swift_task_exitThreadLocalContext");
    if (function != NULL) function(state);
}

SWIFT_CC void __wrap_swift_task_enterThreadLocalContext(char *state) {
    __real_swift_task_enterThreadLocalContext(state);
    entered(state);
}

SWIFT_CC void __wrap_swift_task_exitThreadLocalContext(char *state) {
    leaving(state);
    __real_swift_task_exitThreadLocalContext(state);
}

static void stamp(void *job) {
    if (READ(level) == SPANKIT_STATES_OFF) return;
    // A job that is not a task has no record, because a record has the address of a live task.
    struct spankit_task_record *record = spankit_find_record((uintptr_t)job);
    if (record != NULL) WRITE(record->stamp, now());
    if (UNLIKELY((uintptr_t)job == READ(watched_task))) __atomic_fetch_add(&watched->enqueues, 1, __ATOMIC_RELAXED);
}

static SWIFT_CC void enqueue_global(void *job, enqueue_function original) {
    stamp(job);
    if (next_global != NULL) next_global(job, original);
    else original(job);
}

static SWIFT_CC void enqueue_main(void *job, enqueue_function original) {
    stamp(job);
    if (next_main != NULL) next_main(job, original);
    else original(job);
}

static enum spankit_states_missing install(void) {
    if (&swift_task_enqueueGlobal_hook == NULL || &swift_task_enqueueMainExecutor_hook == NULL) return SPANKIT_STATES_NO_HOOKS;
    if (&_swift_concurrency_debug_internal_layout_version == NULL
        || _swift_concurrency_debug_internal_layout_version != layout_version)
        return SPANKIT_STATES_OTHER_LAYOUT;
    int is_wrapped = __real_swift_task_enterThreadLocalContext != NULL && __real_swift_task_exitThreadLocalContext != NULL;
    int is_there = dlsym(RTLD_NEXT, "swift_task_enterThreadLocalContext") != NULL
        && dlsym(RTLD_NEXT, "swift_task_exitThreadLocalContext") != NULL;
    // A runtime that is linked statically is in no shared library.
    if (!is_wrapped && dlsym(RTLD_NEXT, "swift_task_getCurrent") == NULL) return SPANKIT_STATES_STATIC_RUNTIME;
    if (!is_wrapped && !is_there) return SPANKIT_STATES_NO_FUNCTIONS;
    if (pthread_key_create(&exit_key, thread_ends) != 0) return SPANKIT_STATES_NO_KEY;
    next_global = swift_task_enqueueGlobal_hook;
    next_main = swift_task_enqueueMainExecutor_hook;
    __atomic_store_n(&swift_task_enqueueGlobal_hook, enqueue_global, __ATOMIC_RELEASE);
    __atomic_store_n(&swift_task_enqueueMainExecutor_hook, enqueue_main, __ATOMIC_RELEASE);
    return SPANKIT_STATES_COMPLETE;
}

static enum spankit_states_missing missing;
static void install_once(void) { missing = install(); }

enum spankit_states_missing spankit_states_install(int counter) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    WRITE(uses_counter, counter);
    pthread_once(&once, install_once);
    return missing;
}

int spankit_states_have_hook(void) { return READ(swift_task_enqueueGlobal_hook) == enqueue_global; }

void spankit_states_set_level(enum spankit_states_level new_level) { __atomic_store_n(&level, new_level, __ATOMIC_RELEASE); }

enum spankit_states_level spankit_states_level(void) { return READ(level); }

// MARK: Spans

void spankit_states_begin(void *place, uint32_t slot, uint64_t tick) {
    struct spankit_span_frame *frame = place;
    frame->record = NULL;
    if (READ(level) != SPANKIT_STATES_ON && slot != SPANKIT_STATES_TEST_SLOT) return;
    uintptr_t task = (uintptr_t)swift_task_getCurrent();
    if (task == 0) return;
    struct spankit_task_thread *thread = this_thread();
    struct spankit_task_record *record = READ(thread->task) == task ? READ(thread->record) : NULL;
    if (record == NULL) {
        record = spankit_find_record(task);
        if (record == NULL) record = spankit_take_record(task, tick);
        // A task that had this address left spans that other tasks ended.
        else if (is_unused(record)) spankit_reset_record(record, tick);
        if (record == NULL) return;
        WRITE(thread->task, task);
        WRITE(thread->record, record);
        WRITE(thread->since, tick);
    }
    run_until(record, tick);
    frame->record = record;
    frame->task = task;
    frame->start = tick;
    frame->serial = READ(record->serial);
    frame->running = READ(record->running);
    frame->queued = READ(record->queued);
    frame->contended = READ(record->contended);
    frame->previous = READ(record->innermost);
    WRITE(record->innermost, slot);
    ADD(record->open, 1);
}

int spankit_states_end(void *place, uint32_t slot, uint64_t tick, uint64_t *ticks) {
    struct spankit_span_frame *frame = place;
    struct spankit_task_record *record = frame->record;
    if (record == NULL || READ(record->serial) != frame->serial) return 0;
    if ((uintptr_t)swift_task_getCurrent() != frame->task) {
        __atomic_fetch_add(&record->foreign, 1, __ATOMIC_RELAXED);
        return 0;
    }
    run_until(record, tick);
    ticks[0] = READ(record->running) - frame->running;
    ticks[1] = READ(record->queued) - frame->queued;
    ticks[2] = READ(record->contended) - frame->contended;
    ticks[3] = between(frame->start, tick);
    ADD(record->open, -1u);
    if (READ(record->innermost) == slot) WRITE(record->innermost, frame->previous);
    if (is_unused(record)) {
        struct spankit_task_thread *thread = this_thread();
        WRITE(thread->record, NULL);
        WRITE(thread->since, 0);
        spankit_give_record(record);
    }
    return 1;
}

#else

// Elsewhere the runtime does not call functions of the program. Nothing is measured.

enum spankit_states_missing spankit_states_install(int uses_counter) { return SPANKIT_STATES_OTHER_SYSTEM; }
void spankit_states_set_level(enum spankit_states_level level) {}
enum spankit_states_level spankit_states_level(void) { return SPANKIT_STATES_OFF; }
int spankit_states_have_hook(void) { return 0; }
uint64_t spankit_states_now(void) { return 0; }
void spankit_states_begin(void *frame, uint32_t slot, uint64_t now) {}
int spankit_states_end(void *frame, uint32_t slot, uint64_t now, uint64_t *ticks) { return 0; }
struct spankit_task_thread *spankit_states_threads(void) { return 0; }
uint64_t spankit_states_busy_since(struct spankit_task_thread *thread, uint32_t *slot) { return 0; }
void spankit_states_watch(struct spankit_states_proof *proof) {}

#endif
