#include "HeapCounter.h"

#if defined(__GLIBC__) || __has_include(<malloc.h>)
#include <malloc.h>
#endif

#if defined(__GLIBC__) && (__GLIBC__ > 2 || (__GLIBC__ == 2 && __GLIBC_MINOR__ >= 33))
#define SPANKIT_HAS_MALLINFO2 1
#else
#define SPANKIT_HAS_MALLINFO2 0
#endif

uint64_t spankit_heap_in_use(void) {
#if SPANKIT_HAS_MALLINFO2
    struct mallinfo2 info = mallinfo2();
    return (uint64_t)info.uordblks + (uint64_t)info.hblkhd;
#else
    return 0;
#endif
}

bool spankit_heap_is_counted(void) { return SPANKIT_HAS_MALLINFO2; }
