#define _GNU_SOURCE
#include "Processors.h"

#include <unistd.h>
#if defined(__linux__)
#include <sched.h>
#endif

int spankit_usable_processors(void) {
#if defined(__linux__)
    // 8,192 processors, the most that Linux can be built for. The kernel refuses a set with fewer than it was built for.
    cpu_set_t sets[8];
    CPU_ZERO_S(sizeof sets, sets);
    if (sched_getaffinity(0, sizeof sets, sets) == 0) {
        int count = CPU_COUNT_S(sizeof sets, sets);
        if (count > 0) return count;
    }
#endif
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (int)count : 1;
}
