// The records of tasks with open spans, by the address of the task.
#ifndef SPANKIT_TASK_RECORDS_H
#define SPANKIT_TASK_RECORDS_H

#include "TaskStates.h"

#include <stddef.h>

#define READ(place) __atomic_load_n(&(place), __ATOMIC_RELAXED)
#define WRITE(place, value) __atomic_store_n(&(place), (value), __ATOMIC_RELAXED)
#define ADD(place, value) WRITE(place, READ(place) + (value))

enum { SPANKIT_BUCKET_BITS = 12, SPANKIT_BUCKETS = 1 << SPANKIT_BUCKET_BITS, SPANKIT_WAYS = 8 };

/// The task of each record; 0 for a free one. A bucket is one cache line, so that finding a task reads one.
extern uintptr_t spankit_recorded_tasks[SPANKIT_BUCKETS][SPANKIT_WAYS];
extern struct spankit_task_record spankit_records[SPANKIT_BUCKETS][SPANKIT_WAYS];

static inline unsigned spankit_bucket_of(uintptr_t task) {
    return (unsigned)((uint64_t)task * 0x9E3779B97F4A7C15u >> (64 - SPANKIT_BUCKET_BITS));
}

/// The record of a task; NULL if it has no open spans.
static inline struct spankit_task_record *spankit_find_record(uintptr_t task) {
    unsigned bucket = spankit_bucket_of(task);
    for (int way = 0; way < SPANKIT_WAYS; way++)
        if (READ(spankit_recorded_tasks[bucket][way]) == task) return &spankit_records[bucket][way];
    return NULL;
}

/// Takes a free record for a task that has none; NULL if its bucket is full.
struct spankit_task_record *spankit_take_record(uintptr_t task, uint64_t now);

/// Forgets the times of another task that had the same address.
struct spankit_task_record *spankit_reset_record(struct spankit_task_record *record, uint64_t now);

void spankit_give_record(struct spankit_task_record *record);

/// Ticks from one tick to a later one; 0 if the counters of two processors differ by a little.
static inline uint64_t between(uint64_t from, uint64_t to) { return to > from ? to - from : 0; }

/// Counts the time up to now as running.
static inline void run_until(struct spankit_task_record *record, uint64_t tick) {
    ADD(record->running, between(READ(record->mark), tick));
    WRITE(record->mark, tick);
}

/// Whether all spans of the task have ended, here or on other tasks.
static inline int is_unused(struct spankit_task_record *record) { return READ(record->open) <= READ(record->foreign); }

#endif
