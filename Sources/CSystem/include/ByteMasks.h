// Which of 64 bytes are structural characters of JSON, as bits of 64-bit words. All functions are inlined.
#ifndef SPANKIT_BYTE_MASKS_H
#define SPANKIT_BYTE_MASKS_H

#include "ProcessorCode.h"

#include <stdbool.h>
#include <stdint.h>
#if SPANKIT_X86_64
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
    /// `{` before a space, a control character or `"r`.
    uint64_t suspects;
} spankit_json_masks;

/// Reads 64 bytes, and the two behind them for `suspects`. They need not be aligned.
static inline spankit_json_masks spankit_json_masks_of(const uint8_t *bytes) {
    spankit_json_masks masks = {0, 0, 0, 0, 0};
#if SPANKIT_X86_64
    for (int part = 0; part < 4; part++) {
        __m128i some = _mm_loadu_si128((const __m128i *)(bytes + 16 * part));
        // `[` and `{` differ in one bit, and so do `]` and `}`.
        __m128i folded = _mm_or_si128(some, _mm_set1_epi8(0x20));
        __m128i odd = _mm_or_si128(
            _mm_cmpeq_epi8(some, _mm_set1_epi8('\\')),
            _mm_cmpeq_epi8(_mm_min_epu8(some, _mm_set1_epi8(0x1F)), some)
        );
        __m128i next = _mm_loadu_si128((const __m128i *)(bytes + 16 * part + 1));
        __m128i second = _mm_loadu_si128((const __m128i *)(bytes + 16 * part + 2));
        __m128i begins = _mm_or_si128(
            _mm_cmpeq_epi8(_mm_min_epu8(next, _mm_set1_epi8(0x20)), next),
            _mm_and_si128(_mm_cmpeq_epi8(next, _mm_set1_epi8('"')), _mm_cmpeq_epi8(second, _mm_set1_epi8('r')))
        );
        __m128i suspects = _mm_and_si128(_mm_cmpeq_epi8(some, _mm_set1_epi8('{')), begins);
        int shift = 16 * part;
        masks.quotes |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(some, _mm_set1_epi8('"'))) << shift;
        masks.openers |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(folded, _mm_set1_epi8('{'))) << shift;
        masks.closers |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(folded, _mm_set1_epi8('}'))) << shift;
        masks.odd |= (uint64_t)(uint32_t)_mm_movemask_epi8(odd) << shift;
        masks.suspects |= (uint64_t)(uint32_t)_mm_movemask_epi8(suspects) << shift;
    }
#else
    for (int place = 0; place < 64; place++) {
        uint8_t byte = bytes[place];
        masks.quotes |= (uint64_t)(byte == '"') << place;
        masks.openers |= (uint64_t)((byte | 0x20) == '{') << place;
        masks.closers |= (uint64_t)((byte | 0x20) == '}') << place;
        masks.odd |= (uint64_t)(byte == '\\' || byte < 0x20) << place;
        bool begins = bytes[place + 1] <= 0x20 || (bytes[place + 1] == '"' && bytes[place + 2] == 'r');
        masks.suspects |= (uint64_t)(byte == '{' && begins) << place;
    }
#endif
    return masks;
}

/// The same in half as many instructions, if the processor can run it (`spankit_compares_wide`).
spankit_json_masks spankit_wide_json_masks_of(const uint8_t *bytes);

#endif
