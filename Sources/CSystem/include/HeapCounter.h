// The C library's count of allocated bytes.
#ifndef SPANKIT_HEAP_COUNTER_H
#define SPANKIT_HEAP_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

/// The bytes of heap in use, as counted by the C library (`mallinfo2`: all arenas and mapped blocks). 0 if the C library does not
/// count them (anything but glibc 2.33 or later).
///
/// It takes the lock of each arena in turn, about a microsecond, so call it only if memory is tracked.
uint64_t spankit_heap_in_use(void);

/// Whether the C library counts the heap in use.
bool spankit_heap_is_counted(void);

#endif
