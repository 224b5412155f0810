#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif
#include "ThreadLocals.h"

#include <pthread.h>
#include <stdio.h>

_Thread_local struct spankit_thread_locals spankit_thread_locals_current = {0};

uintptr_t spankit_number_thread(void) {
    static uintptr_t next = 0;
    uintptr_t number = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED);
    spankit_thread_locals_current.stripe = number << SPANKIT_STRIPE_SHIFT | 1;
    return spankit_thread_locals_current.stripe;
}

void spankit_name_thread(const char *name) {
    char shown[16];
    snprintf(shown, sizeof shown, "%s", name);
#if defined(__APPLE__)
    pthread_setname_np(shown);
#else
    pthread_setname_np(pthread_self(), shown);
#endif
}
