// Counts the calling thread's allocations by standing in front of the C library's allocator.
#ifndef SPANKIT_ALLOCATION_COUNTER_H
#define SPANKIT_ALLOCATION_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

/// The number of allocations of this thread so far: malloc, calloc, realloc and the aligned variants.
uint64_t spankit_allocation_count(void);

/// Whether allocations are counted: only with glibc, and not under a sanitizer, which has its own allocator.
bool spankit_allocations_are_counted(void);

#endif
