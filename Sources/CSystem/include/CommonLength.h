#ifndef SPANKIT_COMMON_LENGTH_H
#define SPANKIT_COMMON_LENGTH_H

#include "ProcessorCode.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if SPANKIT_X86_64
#include <emmintrin.h>
#endif

/// The number of bytes that are equal from two addresses on, at most `limit`. Both have to have `limit` bytes.
///
/// In C, because comparisons of Swift's SIMD types are loops over the lanes.
static inline size_t spankit_common_length(const void *one, const void *other, size_t limit) {
    const uint8_t *left = (const uint8_t *)one, *right = (const uint8_t *)other;
    size_t length = 0;
#if SPANKIT_X86_64
    // Compares 64 bytes without a branch, because a processor cannot predict how many are equal.
    for (; length + 64 <= limit; length += 64) {
        uint64_t different = 0;
        for (int part = 0; part < 4; part++) {
            __m128i equal = _mm_cmpeq_epi8(
                _mm_loadu_si128((const __m128i *)(left + length) + part),
                _mm_loadu_si128((const __m128i *)(right + length) + part));
            different |= (uint64_t)((unsigned)_mm_movemask_epi8(equal) ^ 0xFFFFu) << 16 * part;
        }
        if (different != 0) return length + (size_t)__builtin_ctzll(different);
    }
#endif
    for (; length + 8 <= limit; length += 8) {
        uint64_t one8, other8;
        memcpy(&one8, left + length, 8);
        memcpy(&other8, right + length, 8);
        uint64_t different = one8 ^ other8;
        if (different == 0) continue;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        return length + (size_t)__builtin_clzll(different) / 8;
#else
        return length + (size_t)__builtin_ctzll(different) / 8;
#endif
    }
    while (length < limit && left[length] == right[length]) length++;
    return length;
}

/// Whether the processor can run `spankit_wide_common_length` (AVX2).
bool spankit_compares_wide(void);

/// The same as `spankit_common_length`, in half as many instructions.
size_t spankit_wide_common_length(const void *one, const void *other, size_t limit);

#endif
