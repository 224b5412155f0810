/// The time zone in which times are shown, and in which times without a zone are read.
package enum DisplayZone: Sendable, Equatable {
    case utc
    /// The zone of the system, or of the environment variable `TZ`.
    case local

    /// Reads `TZ`, which `localtime_r` need not do.
    private static let isPrepared: Bool = {
        tzset()
        return true
    }()

    /// The zone's offset from UTC at a time, in seconds. Positive if the zone is ahead of UTC.
    package func offsetSeconds(atUnixSeconds seconds: Int64) -> Int64 {
        guard self == .local, Self.isPrepared else { return 0 }
        var time = time_t(seconds)
        var fields = tm()
        guard localtime_r(&time, &fields) != nil else { return 0 }
        return Int64(fields.tm_gmtoff)
    }

    /// The Unix time, in seconds, of a local time in this zone.
    /// - Parameter clockSeconds: the local time, in seconds since 1970-01-01 00:00 local time.
    package func unixSeconds(clockSeconds: Int64) -> Int64 {
        let guess = clockSeconds - offsetSeconds(atUnixSeconds: clockSeconds)
        // The offset may have changed in between.
        return clockSeconds - offsetSeconds(atUnixSeconds: guess)
    }

    /// A date and a time of day with milliseconds, and the zone: `2026-11-23 10:15:32.123` and `+01:00`, or `UTC`.
    package func text(unixNanoseconds: Int64) -> (time: String, zone: String) {
        let offset = offsetSeconds(atUnixSeconds: unixNanoseconds / 1_000_000_000)
        let (shifted, overflows) = unixNanoseconds.addingReportingOverflow(offset * 1_000_000_000)
        guard offset != 0, !overflows else { return (Self.clock(unixNanoseconds), "UTC") }
        let (hours, minutes) = (abs(offset) / 60).quotientAndRemainder(dividingBy: 60)
        return (Self.clock(shifted), "\(offset < 0 ? "-" : "+")\(hours.digits(2)):\(minutes.digits(2))")
    }

    private static func clock(_ nanoseconds: Int64) -> String {
        String(CivilTime.text(unixNanoseconds: nanoseconds).replacing("T", with: " ").dropLast())
    }
}
