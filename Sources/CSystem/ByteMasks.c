#include "ByteMasks.h"

#if SPANKIT_X86_64
#include <immintrin.h>

__attribute__((target("avx2"))) spankit_json_masks spankit_wide_json_masks_of(const uint8_t *bytes) {
    spankit_json_masks masks = {0, 0, 0, 0, 0};
    for (int part = 0; part < 2; part++) {
        __m256i some = _mm256_loadu_si256((const __m256i *)(bytes + 32 * part));
        __m256i next = _mm256_loadu_si256((const __m256i *)(bytes + 32 * part + 1));
        __m256i second = _mm256_loadu_si256((const __m256i *)(bytes + 32 * part + 2));
        // `[` and `{` differ in one bit, and so do `]` and `}`.
        __m256i folded = _mm256_or_si256(some, _mm256_set1_epi8(0x20));
        __m256i odd = _mm256_or_si256(
            _mm256_cmpeq_epi8(some, _mm256_set1_epi8('\\')),
            _mm256_cmpeq_epi8(_mm256_min_epu8(some, _mm256_set1_epi8(0x1F)), some)
        );
        __m256i begins = _mm256_or_si256(
            _mm256_cmpeq_epi8(_mm256_min_epu8(next, _mm256_set1_epi8(0x20)), next),
            _mm256_and_si256(
                _mm256_cmpeq_epi8(next, _mm256_set1_epi8('"')), _mm256_cmpeq_epi8(second, _mm256_set1_epi8('r'))
            )
        );
        __m256i suspects = _mm256_and_si256(_mm256_cmpeq_epi8(some, _mm256_set1_epi8('{')), begins);
        __m256i quotes = _mm256_cmpeq_epi8(some, _mm256_set1_epi8('"'));
        __m256i openers = _mm256_cmpeq_epi8(folded, _mm256_set1_epi8('{'));
        __m256i closers = _mm256_cmpeq_epi8(folded, _mm256_set1_epi8('}'));
        int shift = 32 * part;
        masks.quotes |= (uint64_t)(uint32_t)_mm256_movemask_epi8(quotes) << shift;
        masks.openers |= (uint64_t)(uint32_t)_mm256_movemask_epi8(openers) << shift;
        masks.closers |= (uint64_t)(uint32_t)_mm256_movemask_epi8(closers) << shift;
        masks.odd |= (uint64_t)(uint32_t)_mm256_movemask_epi8(odd) << shift;
        masks.suspects |= (uint64_t)(uint32_t)_mm256_movemask_epi8(suspects) << shift;
    }
    return masks;
}
#else
spankit_json_masks spankit_wide_json_masks_of(const uint8_t *bytes) { return spankit_json_masks_of(bytes); }
#endif
