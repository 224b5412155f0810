// Measures how long a Swift task is on a thread, waits for an executor, and is suspended.
#ifndef SPANKIT_TASK_STATES_H
#define SPANKIT_TASK_STATES_H

#include <stdint.h>

/// The times of a task that has open spans, in ticks of the counter. They only grow while the task has open spans, so the parts of a
/// span are differences.
///
/// The thread that runs the task changes it. Exceptions: the thread that enqueues the task stores `stamp`, and a span that ends on
/// another task is counted in `foreign`. Every access is atomic and relaxed, because the watchdog reads records at any time.
struct spankit_task_record {
    /// The tick up to which `running` and `queued` are counted.
    uint64_t mark;
    uint64_t running;
    uint64_t queued;
    /// The ticks of `queued` in which the task was enqueued on an actor or on an executor of its own.
    uint64_t contended;
    /// The tick at which the global or the main executor accepted the task; 0 for none.
    uint64_t stamp;
    /// Spans that the task has started, minus those that it has ended itself.
    uint32_t open;
    /// How many of `open` were ended by other tasks.
    uint32_t foreign;
    /// How often the record was taken by a task.
    uint32_t serial;
    /// The slot of the innermost open span.
    uint32_t innermost;
    /// Whether the task was enqueued on an actor or an executor when it left its thread.
    uint32_t waits;
};

/// What is known about a span when it starts.
struct spankit_span_frame {
    /// NULL if the span has no parts.
    struct spankit_task_record *record;
    uintptr_t task;
    uint64_t start;
    uint64_t running;
    uint64_t queued;
    uint64_t contended;
    uint32_t serial;
    /// The innermost span before this one.
    uint32_t previous;
};

/// A thread that has run a task. Only the thread changes it. The watchdog reads it at any time.
struct spankit_task_thread {
    /// The task on the thread; 0 for none.
    uintptr_t task;
    /// The record of the task; NULL if it has no open spans.
    struct spankit_task_record *record;
    /// The tick since which the thread runs the task with open spans; 0 if it does not.
    uint64_t since;
    /// The same of the task that was on the thread when the current one started in place (`Task.immediate`).
    uintptr_t outer_task;
    struct spankit_task_record *outer_record;
    uint64_t outer_since;
    /// The number that the kernel gave to the thread.
    int32_t number;
    uint32_t is_used;
    struct spankit_task_thread *next;
};

/// What the self-test has seen of a task.
struct spankit_states_proof {
    /// Calls of the two functions and of the hook.
    uint32_t enters, exits, enqueues;
    /// How many calls found the status word as it is known: running after `enters`, not running at `exits`.
    uint32_t running, left;
    /// How many exits found the task enqueued on an actor or an executor.
    uint32_t waiting;
};

/// What the runtime has of the things that the measurement needs.
enum spankit_states_missing {
    SPANKIT_STATES_COMPLETE,
    /// The measurement is written for Linux.
    SPANKIT_STATES_OTHER_SYSTEM,
    /// The runtime is linked statically and without the linker's option --wrap.
    SPANKIT_STATES_STATIC_RUNTIME,
    /// The runtime does not have the two functions.
    SPANKIT_STATES_NO_FUNCTIONS,
    /// The process has no key for values of threads left.
    SPANKIT_STATES_NO_KEY,
    SPANKIT_STATES_NO_HOOKS,
    /// The runtime says that its tasks have another layout.
    SPANKIT_STATES_OTHER_LAYOUT,
};

/// How much is measured.
enum spankit_states_level {
    /// The functions and the hooks only pass calls on.
    SPANKIT_STATES_OFF,
    /// Only the span of the self-test is measured.
    SPANKIT_STATES_TEST,
    SPANKIT_STATES_ON,
};

/// The slot of the self-test's span.
#define SPANKIT_STATES_TEST_SLOT UINT32_MAX

/// Looks for what is needed, and puts the hooks in front of those that are there. Calls after the first only return its result.
/// - Parameter uses_counter: whether ticks are those of `spankit_counter`; nanoseconds of CLOCK_MONOTONIC otherwise.
enum spankit_states_missing spankit_states_install(int uses_counter);

void spankit_states_set_level(enum spankit_states_level level);
enum spankit_states_level spankit_states_level(void);

/// Whether the hook in the runtime is the one of this file.
int spankit_states_have_hook(void);

/// The current tick.
uint64_t spankit_states_now(void);

/// Starts the parts of a span on the calling thread (`SpanTimes.Begin`).
void spankit_states_begin(void *frame, uint32_t slot, uint64_t now);

/// Ends the parts of a span (`SpanTimes.End`).
/// - Parameter ticks: the results: running, queued, the part of queued that waited for an actor or an executor, and the whole span.
/// - Returns: 0 if the span has no parts, because it started outside of a task or ends on another one.
int spankit_states_end(void *frame, uint32_t slot, uint64_t now, uint64_t *ticks);

/// Frees the records of tasks that other tasks have ended the spans of, and that did not run for `age` ticks.
void spankit_states_sweep(uint64_t now, uint64_t age);

/// The first of all threads that have run a task.
struct spankit_task_thread *spankit_states_threads(void);

/// Reads a thread that another one changes.
/// - Returns: the tick since which a task with open spans is on the thread; 0 for none.
uint64_t spankit_states_busy_since(struct spankit_task_thread *thread, uint32_t *slot);

/// Counts the calls for the current task in `proof`; NULL ends that. For one task at a time.
void spankit_states_watch(struct spankit_states_proof *proof);

#endif
