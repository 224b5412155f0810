// The processor's time-stamp counter, and the system's clocks as integers. All functions are inlined.
#ifndef SPANKIT_CLOCK_COUNTER_H
#define SPANKIT_CLOCK_COUNTER_H

#include "ProcessorCode.h"

#include <stdint.h>
#include <time.h>
#if SPANKIT_X86_64
#include <x86intrin.h>
#endif

/// Reads the processor's constant-rate counter: TSC on x86-64, CNTVCT_EL0 on arm64, CLOCK_MONOTONIC elsewhere.
///
/// It does not serialise instructions, so it may be off by a few nanoseconds.
static inline uint64_t spankit_counter(void) {
#if SPANKIT_X86_64
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

/// What `spankit_counter` reads.
enum {
    /// CLOCK_MONOTONIC.
    SPANKIT_COUNTER_SYSTEM,
    /// The time-stamp counter of x86-64, whose rate is constant only if the kernel keeps time with it.
    SPANKIT_COUNTER_TSC,
    /// The generic timer of arm64, whose rate is always constant.
    SPANKIT_COUNTER_ARM64,
};

static inline int spankit_counter_kind(void) {
#if SPANKIT_X86_64
    return SPANKIT_COUNTER_TSC;
#elif defined(__aarch64__)
    return SPANKIT_COUNTER_ARM64;
#else
    return SPANKIT_COUNTER_SYSTEM;
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

#endif
