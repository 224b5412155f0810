import Glibc

/// The sanitizers that a test may run under.
public enum Sanitizers {
    /// Whether ThreadSanitizer watches this process.
    ///
    /// The Swift runtime then takes a lock at each use of what it makes lazily, where otherwise it takes it at the first use only.
    public static let isThreadSanitizerOn = dlsym(nil, "__tsan_init") != nil
}
