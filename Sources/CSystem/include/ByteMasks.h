// Which of 64 bytes are structural characters of JSON, as bits of 64-bit words. All functions are inlined.
#ifndef SPANKIT_BYTE_MASKS_H
#define SPANKIT_BYTE_MASKS_H

#include <stdint.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// Bit n belongs to byte n.
typedef struct {
    /// Quotation marks.
    uint64_t quotes;
    /// `{` and `[`.
    uint64_t openers;
    /// `}` and `]`.
    uint64_t closers;
    /// Backslashes, and control characters including line feeds.
    uint64_t odd;
} spankit_json_masks;

/// Reads 64 bytes, which need not be aligned.
static inline spankit_json_masks spankit_json_masks_of(const uint8_t *bytes) {
    spankit_json_masks masks = {0, 0, 0, 0};
#if defined(__SSE2__)
    for (int part = 0; part < 4; part++) {
        __m128i some = _mm_loadu_si128((const __m128i *)(bytes + 16 * part));
        // A bracket and the brace of its side differ in one bit.
        __m128i folded = _mm_or_si128(some, _mm_set1_epi8(0x20));
        __m128i odd = _mm_or_si128(
            _mm_cmpeq_epi8(some, _mm_set1_epi8('\\')),
            _mm_cmpeq_epi8(_mm_min_epu8(some, _mm_set1_epi8(0x1F)), some)
        );
        int shift = 16 * part;
        masks.quotes |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(some, _mm_set1_epi8('"'))) << shift;
        masks.openers |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(folded, _mm_set1_epi8('{'))) << shift;
        masks.closers |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(folded, _mm_set1_epi8('}'))) << shift;
        masks.odd |= (uint64_t)(uint32_t)_mm_movemask_epi8(odd) << shift;
    }
#else
    for (int place = 0; place < 64; place++) {
        uint8_t byte = bytes[place];
        masks.quotes |= (uint64_t)(byte == '"') << place;
        masks.openers |= (uint64_t)((byte | 0x20) == '{') << place;
        masks.closers |= (uint64_t)((byte | 0x20) == '}') << place;
        masks.odd |= (uint64_t)(byte == '\\' || byte < 0x20) << place;
    }
#endif
    return masks;
}

#endif
