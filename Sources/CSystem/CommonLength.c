#include "CommonLength.h"

#if SPANKIT_X86_64
#include <immintrin.h>

bool spankit_compares_wide(void) { return __builtin_cpu_supports("avx2"); }

__attribute__((target("avx2"))) size_t spankit_wide_common_length(const void *one, const void *other, size_t limit) {
    const uint8_t *left = (const uint8_t *)one, *right = (const uint8_t *)other;
    size_t length = 0;
    // Compares 64 bytes without a branch, because a processor cannot predict how many are equal.
    for (; length + 64 <= limit; length += 64) {
        uint32_t equal[2];
        for (int part = 0; part < 2; part++) {
            equal[part] = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(
                _mm256_loadu_si256((const __m256i *)(left + length) + part),
                _mm256_loadu_si256((const __m256i *)(right + length) + part)));
        }
        uint64_t different = ~((uint64_t)equal[1] << 32 | equal[0]);
        if (different != 0) return length + (size_t)__builtin_ctzll(different);
    }
    return length + spankit_common_length(left + length, right + length, limit - length);
}
#else
bool spankit_compares_wide(void) { return false; }

size_t spankit_wide_common_length(const void *one, const void *other, size_t limit) {
    return spankit_common_length(one, other, limit);
}
#endif
