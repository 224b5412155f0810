import SpanKitPlatform
import SpanKitRecording

// Rules that apply to every format.

extension RecordedSpan {
    /// Bits of OTLP's flags: whether the location of the parent is known, and whether it is in another process.
    private static let remoteFlags: UInt64 = 0x300

    static func isRemote(_ flags: UInt64) -> Bool { flags & remoteFlags == remoteFlags }

    mutating func setFlags(_ flags: UInt64) {
        context.traceFlags = TraceFlags(rawValue: UInt8(truncatingIfNeeded: flags))
        parentIsRemote = Self.isRemote(flags)
    }

    /// Sets the end of a span from its start and its duration, if it has one.
    mutating func setEnd(_ durationNanoseconds: Int64?) {
        guard let durationNanoseconds else { return }
        let (end, isTooLate) = startUnixNanoseconds.addingReportingOverflow(durationNanoseconds)
        endUnixNanoseconds = isTooLate ? .max : end
    }

    /// Moves an end that is before the start to the start.
    /// - Returns: A sentence about it; `nil` if nothing was changed.
    mutating func endNoEarlierThanStart() -> String? {
        guard endUnixNanoseconds < startUnixNanoseconds else { return nil }
        // A span without an end was written before it ended.
        let what = endUnixNanoseconds == 0 ? "has no end" : "ends before it starts"
        endUnixNanoseconds = startUnixNanoseconds
        return "the span \(name.quoted) \(what); its duration is read as 0"
    }
}

extension RecordedSpan.Link {
    mutating func setFlags(_ flags: UInt64) {
        context.traceFlags = TraceFlags(rawValue: UInt8(truncatingIfNeeded: flags))
        context.isRemote = RecordedSpan.isRemote(flags)
    }
}
