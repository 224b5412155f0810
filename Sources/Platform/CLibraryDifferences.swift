import CSpanKit

// Where glibc, musl and Darwin declare the same thing differently. All other files use what they have in common, so that the package
// can be built with the static Linux SDK, which has musl.

/// A thread that has not been started. glibc declares threads as numbers, musl and Darwin as pointers.
#if canImport(Darwin) || canImport(Musl)
    typealias NewThread = pthread_t?
    let newThread: NewThread = nil
#else
    typealias NewThread = pthread_t
    let newThread = NewThread()
#endif

/// A thread that the system has started.
func started(_ thread: NewThread) -> pthread_t? { thread }

/// `SOCK_STREAM`, which glibc declares as an enumeration.
#if canImport(Glibc)
    package let streamSocketType = Int32(SOCK_STREAM.rawValue)
#else
    package let streamSocketType = SOCK_STREAM
#endif

/// Whether the process ignores a signal.
package func isIgnored(signal number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    #if canImport(Glibc)
        let handler = action.__sigaction_handler.sa_handler
    #elseif canImport(Musl)
        let handler = action.__sa_handler.sa_handler
    #else
        let handler = action.__sigaction_u.__sa_handler
    #endif
    // SIG_IGN is the address 1; function pointers cannot be compared in Swift.
    return unsafeBitCast(handler, to: Int.self) == 1
}

extension stat {
    /// The time of the last change, in Unix seconds.
    var changed: Int64 {
        #if canImport(Darwin)
            Int64(st_mtimespec.tv_sec)
        #else
            Int64(st_mtim.tv_sec)
        #endif
    }

    /// The nanoseconds of that time after the full second.
    var changedNanoseconds: Int64 {
        #if canImport(Darwin)
            Int64(st_mtimespec.tv_nsec)
        #else
            Int64(st_mtim.tv_nsec)
        #endif
    }
}

/// The size of a terminal in characters; nil if the file descriptor is not a terminal.
package func terminalSize(_ descriptor: Int32) -> (columns: Int, rows: Int)? {
    var size = winsize()
    #if canImport(Musl)
        let request = numericCast(TIOCGWINSZ) as Int32
    #else
        let request = UInt(TIOCGWINSZ)
    #endif
    guard ioctl(descriptor, request, &size) == 0 else { return nil }
    return (Int(size.ws_col), Int(size.ws_row))
}
