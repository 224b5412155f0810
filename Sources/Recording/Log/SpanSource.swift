/// Where ended spans are read from: the log of this process, or what another process left behind.
package protocol SpanSource: AnyObject, Sendable {
    /// Hands out the spans that nobody has consumed, until `body` says false. A record is valid during the call only.
    /// - Returns: what was handed out and accepted.
    func read(_ body: (SpanRecord) -> Bool) -> [LogStretch]
    /// Notes in the source itself which spans a batch takes, where the stretches do not say it: before
    /// ``ConsumptionJournal/begin(batch:_:)``, and of no effect until then.
    func mark(_ stretches: [LogStretch], batch: UInt64)
    /// Takes what was read out of the source.
    func consume(_ stretches: [LogStretch])
    /// The bytes behind a number of the string table, valid as long as the source; empty for an unknown number.
    func text(of number: UInt32) -> UnsafeRawBufferPointer
}

extension SpanSource {
    package func mark(_ stretches: [LogStretch], batch: UInt64) {}
}
