import Glibc

/// The sanitizers that a test may run under.
public enum Sanitizers {
    /// Whether this process runs under ThreadSanitizer.
    ///
    /// The Swift runtime then takes a lock at each use of a lazily initialized value, instead of only at the first use.
    public static let isThreadSanitizerOn = dlsym(nil, "__tsan_init") != nil
}
