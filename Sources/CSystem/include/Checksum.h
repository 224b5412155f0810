// The checksum of gzip.
#ifndef SPANKIT_CHECKSUM_H
#define SPANKIT_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/// CRC-32 of gzip, zlib and PNG (RFC 1952, section 8).
uint32_t spankit_crc32(const void *bytes, size_t count);

#endif
