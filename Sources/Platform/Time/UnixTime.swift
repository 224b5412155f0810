import CSpanKit

/// The wall-clock time since 1970-01-01 UTC, as an integer.
package enum UnixTime {
    package static func nanoseconds() -> Int64 { spankit_wall_nanoseconds() }

    package static func seconds() -> Int64 { nanoseconds() / 1_000_000_000 }
}

extension Duration {
    /// Whole nanoseconds, limited to the range of `Int64`.
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflow || carry ? (seconds < 0 ? .min : .max) : sum
    }

    package var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
