// Swift does not let its programs fork; some do all the same, through C.
#ifndef SPANKIT_CFORK_H
#define SPANKIT_CFORK_H

#include <sys/types.h>

/// `fork(2)`.
pid_t spankit_test_fork(void);

#endif
