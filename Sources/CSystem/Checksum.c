#include "Checksum.h"
#include "ProcessorCode.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#if SPANKIT_X86_64
#include <immintrin.h>
#endif

// The remainders of a byte followed by 0 to 7 zero bytes, for eight bytes at a time ("slicing by 8").
static uint32_t tables[8][256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_tables(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t rest = byte;
        for (int bit = 0; bit < 8; bit++) rest = rest & 1 ? rest >> 1 ^ 0xEDB88320u : rest >> 1;
        tables[0][byte] = rest;
    }
    for (int zeros = 1; zeros < 8; zeros++) {
        for (int byte = 0; byte < 256; byte++) {
            uint32_t rest = tables[zeros - 1][byte];
            tables[zeros][byte] = rest >> 8 ^ tables[0][rest & 0xFF];
        }
    }
}

// `rest` is the inverted checksum of what came before.
static uint32_t by_tables(uint32_t rest, const uint8_t *bytes, size_t count) {
    pthread_once(&once, make_tables);
    for (; count >= 8; bytes += 8, count -= 8) {
        uint32_t low, high;
        memcpy(&low, bytes, 4);
        memcpy(&high, bytes + 4, 4);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        low = __builtin_bswap32(low);
        high = __builtin_bswap32(high);
#endif
        low ^= rest;
        rest = tables[7][low & 0xFF] ^ tables[6][low >> 8 & 0xFF] ^ tables[5][low >> 16 & 0xFF] ^ tables[4][low >> 24]
            ^ tables[3][high & 0xFF] ^ tables[2][high >> 8 & 0xFF] ^ tables[1][high >> 16 & 0xFF] ^ tables[0][high >> 24];
    }
    for (; count > 0; bytes++, count--) rest = rest >> 8 ^ tables[0][(rest ^ *bytes) & 0xFF];
    return rest;
}

#if SPANKIT_X86_64
// Multiplies both halves of `sum` by powers of x modulo the polynomial, which moves them forward to where `next` begins.
__attribute__((target("pclmul,sse4.1"))) static inline __m128i fold(__m128i sum, __m128i powers, __m128i next) {
    __m128i low = _mm_clmulepi64_si128(sum, powers, 0x00);
    __m128i high = _mm_clmulepi64_si128(sum, powers, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

// Folds 64 bytes at a time with carry-less multiplication. Gopal and others, "Fast CRC Computation for Generic Polynomials Using
// PCLMULQDQ Instruction" (Intel, 2009); the constants are those of the polynomial of gzip with reflected bits, page 22.
// `sums` stands for the bytes before. `count` is a multiple of 16.
__attribute__((target("pclmul,sse4.1"))) static uint32_t by_folding(__m128i sums[4], const uint8_t *bytes, size_t count) {
    const __m128i by512 = _mm_set_epi64x(0x01C6E41596, 0x0154442BD4), by128 = _mm_set_epi64x(0x00CCAA009E, 0x01751997D0);
    const __m128i by64 = _mm_set_epi64x(0, 0x0163CD6124), barrett = _mm_set_epi64x(0x01F7011641, 0x01DB710641);
    const __m128i low = _mm_setr_epi32(-1, 0, -1, 0);
    const __m128i *blocks = (const __m128i *)bytes;
    for (; count >= 64; count -= 64, blocks += 4) {
        for (int part = 0; part < 4; part++) sums[part] = fold(sums[part], by512, _mm_loadu_si128(blocks + part));
    }
    __m128i sum = fold(fold(fold(sums[0], by128, sums[1]), by128, sums[2]), by128, sums[3]);
    for (; count >= 16; count -= 16, blocks++) sum = fold(sum, by128, _mm_loadu_si128(blocks));
    // 128 to 64 to 32 bits.
    sum = _mm_xor_si128(_mm_srli_si128(sum, 8), _mm_clmulepi64_si128(sum, by128, 0x10));
    sum = _mm_xor_si128(_mm_srli_si128(sum, 4), _mm_clmulepi64_si128(_mm_and_si128(sum, low), by64, 0x00));
    __m128i quotient = _mm_clmulepi64_si128(_mm_and_si128(sum, low), barrett, 0x10);
    sum = _mm_xor_si128(sum, _mm_clmulepi64_si128(_mm_and_si128(quotient, low), barrett, 0x00));
    return (uint32_t)_mm_extract_epi32(sum, 1);
}

// `rest` is the inverted checksum of what came before. `count` is a multiple of 16 and at least 64.
__attribute__((target("pclmul,sse4.1"))) static uint32_t by_narrow_folding(uint32_t rest, const uint8_t *bytes, size_t count) {
    __m128i sums[4];
    for (int part = 0; part < 4; part++) sums[part] = _mm_loadu_si128((const __m128i *)bytes + part);
    sums[0] = _mm_xor_si128(sums[0], _mm_cvtsi32_si128((int)rest));
    return by_folding(sums, bytes + 64, count - 64);
}

__attribute__((target("avx2,vpclmulqdq"))) static inline __m256i fold_two(__m256i sums, __m256i powers, __m256i next) {
    __m256i low = _mm256_clmulepi64_epi128(sums, powers, 0x00);
    __m256i high = _mm256_clmulepi64_epi128(sums, powers, 0x11);
    return _mm256_xor_si256(_mm256_xor_si256(low, high), next);
}

// The same with 256 bytes at a time, in registers of two blocks. The constants move by 2,048 and by 1,024 bits:
// x^(n + 32) and x^(n - 32) modulo the polynomial. `count` is at least 256.
__attribute__((target("avx2,vpclmulqdq,pclmul,sse4.1"))) static uint32_t by_wide_folding(
    uint32_t rest, const uint8_t *bytes, size_t count
) {
    const __m256i by2048 = _mm256_set_epi64x(0x01322D1430, 0x011542778A, 0x01322D1430, 0x011542778A);
    const __m256i by1024 = _mm256_set_epi64x(0x014A7FE880, 0x01E88EF372, 0x014A7FE880, 0x01E88EF372);
    const __m256i by512 = _mm256_set_epi64x(0x01C6E41596, 0x0154442BD4, 0x01C6E41596, 0x0154442BD4);
    __m256i sums[8];
    for (int part = 0; part < 8; part++) sums[part] = _mm256_loadu_si256((const __m256i *)bytes + part);
    sums[0] = _mm256_xor_si256(sums[0], _mm256_set_epi64x(0, 0, 0, (int64_t)rest));
    bytes += 256;
    for (count -= 256; count >= 256; count -= 256, bytes += 256) {
        for (int part = 0; part < 8; part++) {
            sums[part] = fold_two(sums[part], by2048, _mm256_loadu_si256((const __m256i *)bytes + part));
        }
    }
    for (int part = 0; part < 4; part++) sums[part] = fold_two(sums[part], by1024, sums[part + 4]);
    for (int part = 0; part < 2; part++) sums[part] = fold_two(sums[part], by512, sums[part + 2]);
    __m128i four[4] = {
        _mm256_castsi256_si128(sums[0]), _mm256_extracti128_si256(sums[0], 1),
        _mm256_castsi256_si128(sums[1]), _mm256_extracti128_si256(sums[1], 1),
    };
    return by_folding(four, bytes, count);
}
#endif

uint32_t spankit_crc32(const void *memory, size_t count) {
    const uint8_t *bytes = memory;
    uint32_t rest = ~0u;
#if SPANKIT_X86_64
    if (count >= 64 && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1")) {
        size_t folded = count & ~(size_t)15;
        bool wide = count >= 256 && __builtin_cpu_supports("vpclmulqdq") && __builtin_cpu_supports("avx2");
        rest = wide ? by_wide_folding(rest, bytes, folded) : by_narrow_folding(rest, bytes, folded);
        bytes += folded;
        count -= folded;
    }
#endif
    return ~by_tables(rest, bytes, count);
}
