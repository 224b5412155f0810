import SpanKitPlatform
import SpanKitRecording

// Rules that are the same for every format.

extension RecordedSpan {
    /// Bits of OTLP's flags: whether it is known where the parent is, and whether it is in another process.
    private static let remoteFlags: UInt64 = 0x300

    static func isRemote(_ flags: UInt64) -> Bool { flags & remoteFlags == remoteFlags }

    mutating func setFlags(_ flags: UInt64) {
        context.traceFlags = TraceFlags(rawValue: UInt8(truncatingIfNeeded: flags))
        parentIsRemote = Self.isRemote(flags)
    }

    /// Sets the end of a span that has a start and a duration; without a duration it has no end.
    mutating func setEnd(_ durationNanoseconds: Int64?) {
        guard let durationNanoseconds else { return }
        let (end, isTooLate) = startUnixNanoseconds.addingReportingOverflow(durationNanoseconds)
        endUnixNanoseconds = isTooLate ? .max : end
    }

    /// Moves an end that is before the start to the start.
    /// - Returns: what to say about it; nil where nothing was changed.
    mutating func endNoEarlierThanStart() -> String? {
        guard endUnixNanoseconds < startUnixNanoseconds else { return nil }
        // A span without an end was written before it ended.
        let what = endUnixNanoseconds == 0 ? "has no end" : "ends before it starts"
        endUnixNanoseconds = startUnixNanoseconds
        return "a span named \(name.quoted) \(what); it is read as taking no time"
    }
}

extension RecordedSpan.Link {
    mutating func setFlags(_ flags: UInt64) {
        context.traceFlags = TraceFlags(rawValue: UInt8(truncatingIfNeeded: flags))
        context.isRemote = RecordedSpan.isRemote(flags)
    }
}
