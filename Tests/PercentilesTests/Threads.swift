#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Plain threads that are over, thread-exit handlers included, when `run` returns.
enum Threads {
    private final class Work {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    #if canImport(Darwin)
        typealias Handle = pthread_t?
    #else
        typealias Handle = pthread_t
    #endif

    /// Starts a thread, to be joined by the caller.
    static func start(_ body: @escaping @Sendable () -> Void) -> Handle {
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let work = Unmanaged.passRetained(Work(body)).toOpaque()
        pthread_create(
            &thread,
            nil,
            { argument in
                #if canImport(Darwin)
                    Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                #else
                    if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
                #endif
                return nil
            },
            work
        )
        return thread
    }

    static func join(_ thread: Handle) {
        #if canImport(Darwin)
            if let thread { pthread_join(thread, nil) }
        #else
            pthread_join(thread, nil)
        #endif
    }

    /// Leaves the processor to others for a millisecond.
    static func pause() { usleep(1_000) }

    /// Runs the body on so many threads at once, each with its number.
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let threads = (0..<count).map { number in start { body(number) } }
        threads.forEach(join)
    }
}
