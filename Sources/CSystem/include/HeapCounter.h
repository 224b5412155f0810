// The C library's count of allocated bytes.
#ifndef SPANKIT_HEAP_COUNTER_H
#define SPANKIT_HEAP_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

/// Bytes the process has allocated from the heap and not freed, counted by the C library (`mallinfo2`: all arenas and
/// mapped blocks). Where the C library cannot say (not glibc ≥ 2.33): 0.
///
/// Takes the lock of each arena in turn: about a microsecond, so never on a path that has not asked for it.
uint64_t spankit_heap_in_use(void);

/// Whether `spankit_heap_in_use` counts anything on this system.
bool spankit_heap_is_counted(void);

#endif
