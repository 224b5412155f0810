// Which processor's instructions are used. Build with -DSPANKIT_PORTABLE to run the code of other processors on x86-64 (`make test-portable`).
#ifndef SPANKIT_PROCESSOR_CODE_H
#define SPANKIT_PROCESSOR_CODE_H

#if defined(__x86_64__) && !defined(SPANKIT_PORTABLE)
#define SPANKIT_X86_64 1
#else
#define SPANKIT_X86_64 0
#endif

#endif
