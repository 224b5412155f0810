#include "ForeignHook.h"

#define SWIFT_CC __attribute__((swiftcall))

typedef SWIFT_CC void (*enqueue_function)(void *job);

// Weak, so that the program also starts with a runtime that has no hooks.
extern SWIFT_CC void (*swift_task_enqueueGlobal_hook)(void *job, enqueue_function original) __attribute__((weak));

static SWIFT_CC void hook(void *job, enqueue_function original) { original(job); }

void spankit_test_replace_hook(void) { __atomic_store_n(&swift_task_enqueueGlobal_hook, hook, __ATOMIC_RELEASE); }
