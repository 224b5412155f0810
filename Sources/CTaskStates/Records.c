#include "Records.h"

_Alignas(64) uintptr_t spankit_recorded_tasks[SPANKIT_BUCKETS][SPANKIT_WAYS];
_Alignas(64) struct spankit_task_record spankit_records[SPANKIT_BUCKETS][SPANKIT_WAYS];

struct spankit_task_record *spankit_reset_record(struct spankit_task_record *record, uint64_t now) {
    WRITE(record->mark, now);
    WRITE(record->running, 0);
    WRITE(record->queued, 0);
    WRITE(record->contended, 0);
    WRITE(record->stamp, 0);
    WRITE(record->open, 0);
    WRITE(record->foreign, 0);
    WRITE(record->waits, 0);
    WRITE(record->innermost, 0);
    ADD(record->serial, 1);
    return record;
}

struct spankit_task_record *spankit_take_record(uintptr_t task, uint64_t now) {
    unsigned bucket = spankit_bucket_of(task);
    for (int way = 0; way < SPANKIT_WAYS; way++) {
        uintptr_t none = 0, *place = &spankit_recorded_tasks[bucket][way];
        if (READ(*place) == 0 && __atomic_compare_exchange_n(place, &none, task, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return spankit_reset_record(&spankit_records[bucket][way], now);
    }
    return NULL;
}

void spankit_give_record(struct spankit_task_record *record) {
    size_t number = (size_t)(record - &spankit_records[0][0]);
    __atomic_store_n(&spankit_recorded_tasks[number / SPANKIT_WAYS][number % SPANKIT_WAYS], 0, __ATOMIC_RELEASE);
}

void spankit_states_sweep(uint64_t now, uint64_t age) {
    for (size_t number = 0; number < SPANKIT_BUCKETS * SPANKIT_WAYS; number++) {
        if (READ(spankit_recorded_tasks[number / SPANKIT_WAYS][number % SPANKIT_WAYS]) == 0) continue;
        struct spankit_task_record *record = &spankit_records[number / SPANKIT_WAYS][number % SPANKIT_WAYS];
        if (is_unused(record) && between(READ(record->mark), now) > age) spankit_give_record(record);
    }
}
