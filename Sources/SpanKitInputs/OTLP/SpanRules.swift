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

    /// Moves an end that is before the start to the start. A missing end stays 0, so that readers can tell it from a duration of 0.
    /// - Returns: A sentence that describes the change; `nil` if nothing was changed.
    mutating func endNoEarlierThanStart() -> String? {
        guard endUnixNanoseconds < startUnixNanoseconds, endUnixNanoseconds != 0 else { return nil }
        endUnixNanoseconds = startUnixNanoseconds
        return "the span \(name.quoted) ends before it starts; its duration is read as 0"
    }
}

extension RecordedSpan.Link {
    mutating func setFlags(_ flags: UInt64) {
        context.traceFlags = TraceFlags(rawValue: UInt8(truncatingIfNeeded: flags))
        context.isRemote = RecordedSpan.isRemote(flags)
    }
}
