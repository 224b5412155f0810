#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif
#include "ForkHandlers.h"

#include "ClockCounter.h"
#include "ThreadLocals.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

uint64_t spankit_fork_count = 0;
int64_t spankit_fork_time = 0;

/// Locked from before a fork until after it, so that one fork at a time uses the variables below.
static pthread_mutex_t forking = PTHREAD_MUTEX_INITIALIZER;

#define PREPARE_CAPACITY 8
static void (*prepare_functions[PREPARE_CAPACITY])(void);
static int prepare_count = 0;

static pthread_mutex_t **held = NULL;
static size_t held_count = 0;
static size_t held_capacity = 0;

static struct spankit_fork_region *regions = NULL;
static size_t region_count = 0;
static size_t region_capacity = 0;

static struct spankit_fork_memory *memories = NULL;
static size_t memory_count = 0;
static size_t memory_capacity = 0;

static void prepare(void) {
    pthread_mutex_lock(&forking);
    held_count = 0;
    region_count = 0;
    memory_count = 0;
    for (int i = prepare_count - 1; i >= 0; i--) prepare_functions[i]();
}

static void release(void) {
    while (held_count > 0) pthread_mutex_unlock(held[--held_count]);
    pthread_mutex_unlock(&forking);
}

/// Replaces the mapping of the parent's file by a private copy in the child.
static void detach(const struct spankit_fork_region *region, uint32_t chunk_count) {
    int descriptor = *region->descriptor;
    if (descriptor < 0) return;
    if (mmap(region->base, region->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, descriptor, 0) == MAP_FAILED) {
        // Without a copy, the child must not write to the parent's file. It loses the names of earlier spans.
        mmap(region->base, region->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    } else {
        // Write to each page, because the child sees changes of the parent until then.
        uint64_t used = (uint64_t)chunk_count * region->chunk_bytes;
        for (uint64_t offset = 0; offset < used && offset < region->bytes; offset += 4096) {
            volatile uint8_t *byte = region->base + offset;
            *byte = *byte;
        }
    }
    close(descriptor);
    *region->descriptor = -1;
}

/// Replaces the mapping of the parent's file by zeros in the child.
static void forget(const struct spankit_fork_memory *memory) {
    int descriptor = *memory->descriptor;
    if (descriptor < 0) return;
    int protection = PROT_READ | PROT_WRITE;
    if (mmap(memory->base, memory->bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) {
        // Without memory for zeros, the child gets a private copy of the counts, so that it does not change the file of the parent.
        mmap(memory->base, memory->bytes, protection, MAP_PRIVATE | MAP_FIXED, descriptor, 0);
    }
    close(descriptor);
    *memory->descriptor = -1;
}

/// Frees all slots in use and increments their generations, because open spans belong to the parent and their handles must not match.
static void free_slots(const struct spankit_fork_region *region, uint32_t chunk_count) {
    for (uint32_t index = 1; index < chunk_count; index++) {
        uint8_t *chunk = region->base + (uint64_t)index * region->chunk_bytes;
        if (*(uint32_t *)chunk != region->slot_chunk_type) continue;
        for (uint32_t offset = region->slot_bytes; offset < region->chunk_bytes; offset += region->slot_bytes) {
            uint64_t *state = (uint64_t *)(chunk + offset);
            if ((*state & 0xFF) != 0) *state = ((*state >> 8) + 1) << 8;
        }
    }
}

static void in_child(void) {
    spankit_fork_count += 1;
    spankit_fork_time = spankit_wall_nanoseconds();
    spankit_set_thread_recording(NULL);
    spankit_set_thread_percentiles(NULL);
    spankit_set_thread_metrics(NULL);
    for (size_t i = 0; i < region_count; i++) {
        uint32_t chunk_count =
            __atomic_load_n((uint32_t *)(regions[i].base + regions[i].chunk_count_offset), __ATOMIC_ACQUIRE);
        detach(&regions[i], chunk_count);
        free_slots(&regions[i], chunk_count);
    }
    for (size_t i = 0; i < memory_count; i++) forget(&memories[i]);
    release();
}

bool spankit_on_fork(void (*function)(void)) {
    static bool is_installed = false;
    pthread_mutex_lock(&forking);
    if (!is_installed) is_installed = pthread_atfork(prepare, release, in_child) == 0;
    bool has_room = is_installed && prepare_count < PREPARE_CAPACITY;
    if (has_room) prepare_functions[prepare_count++] = function;
    pthread_mutex_unlock(&forking);
    return has_room;
}

/// Makes room for one more element; returns false if there is no memory.
static bool grow(void **array, size_t count, size_t *capacity, size_t bytes) {
    if (count < *capacity) return true;
    size_t larger = *capacity == 0 ? 64 : *capacity * 2;
    void *moved = realloc(*array, larger * bytes);
    if (moved == NULL) return false;
    *array = moved;
    *capacity = larger;
    return true;
}

void spankit_fork_hold(void *mutex) {
    if (!grow((void **)&held, held_count, &held_capacity, sizeof *held)) return;
    pthread_mutex_lock(mutex);
    held[held_count++] = mutex;
}

void spankit_fork_protect(struct spankit_fork_region region) {
    if (!grow((void **)&regions, region_count, &region_capacity, sizeof *regions)) return;
    regions[region_count++] = region;
}

void spankit_fork_forget(struct spankit_fork_memory memory) {
    if (!grow((void **)&memories, memory_count, &memory_capacity, sizeof *memories)) return;
    memories[memory_count++] = memory;
}
