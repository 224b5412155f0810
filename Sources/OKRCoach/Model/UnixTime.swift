import Foundation

/// The wall clock as an integer.
public enum UnixTime {
    /// Nanoseconds since 1970-01-01 UTC.
    public static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
