// The processors that the scheduler gives to the calling thread.
#ifndef SPANKIT_PROCESSORS_H
#define SPANKIT_PROCESSORS_H

/// The number of processors on which the calling thread may run, at least 1.
///
/// It respects the affinity that `taskset`, a container's set of processors or a batch system gives to a process. Where the system
/// has no affinity, it is the number of processors.
int spankit_usable_processors(void);

#endif
