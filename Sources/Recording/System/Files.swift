#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The first bytes of a small file, empty when it cannot be read. For `/sys` and `/proc`, without Foundation.
func firstBytes(ofFile path: String, count: Int) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        initialized = max(0, read(descriptor, buffer.baseAddress, count))
    }
}

/// The value of an environment variable, nil when it is not set.
package func environmentVariable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}

/// Writes a line to standard error in one call, so that lines of several threads do not mix.
func writeToStandardError(_ line: String) {
    // Nobody could be told that standard error is closed.
    line.withUTF8Bytes { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
