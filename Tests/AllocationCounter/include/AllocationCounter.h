// Counts the calling thread's allocations by standing in front of the C library's allocator.
#ifndef SPANKIT_ALLOCATION_COUNTER_H
#define SPANKIT_ALLOCATION_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

/// Allocations of this thread since it began: malloc, calloc, realloc, and the aligned ones.
uint64_t spankit_allocation_count(void);

/// Whether anything is counted: not under a sanitizer, which has an allocator of its own, and only with glibc.
bool spankit_allocations_are_counted(void);

#endif
