// zlib, plus its macros spelled out as functions: Swift sees no macro that calls.
#ifndef SPANKIT_CZLIB_H
#define SPANKIT_CZLIB_H

#include <zlib.h>

/// Compresses into the gzip format (RFC 1952).
static inline int spankit_gzip_init(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}

/// Reads gzip (RFC 1952) or zlib (RFC 1950), whichever it is.
static inline int spankit_inflate_init(z_stream *stream) { return inflateInit2(stream, 15 + 32); }

#endif
