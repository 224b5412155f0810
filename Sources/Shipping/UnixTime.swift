import CClock

/// The time of day.
package enum UnixTime {
    /// Seconds since 1970-01-01 UTC.
    package static func seconds() -> Int64 { spankit_wall_nanoseconds() / 1_000_000_000 }
}
