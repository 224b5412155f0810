// Swift does not import `fork`, but programs can call it through C.
#ifndef SPANKIT_CFORK_H
#define SPANKIT_CFORK_H

#include <sys/types.h>

/// `fork(2)`.
pid_t spankit_test_fork(void);

#endif
