#include "CFork.h"

#include <unistd.h>

pid_t spankit_test_fork(void) { return fork(); }
