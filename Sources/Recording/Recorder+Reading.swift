extension Recorder: SpanSource {
    /// Hands out the ended spans that are in the log, oldest chunk first, until `body` says false.
    package func read(_ body: (SpanRecord) -> Bool) -> [LogStretch] {
        log.read(body)
    }

    package func consume(_ stretches: [LogStretch]) {
        log.consume(stretches)
    }

    package func text(of number: UInt32) -> UnsafeRawBufferPointer {
        strings.bytes(of: number)
    }

    /// Bytes of ended spans that wait in the log.
    package var waitingBytes: Int { log.waitingBytes }

    /// Sets what is called, on the thread that records, whenever one begins a new chunk of the log: every few hundred spans.
    package func onChunkOpened(_ body: (@Sendable () -> Void)?) {
        log.onChunkOpened(body)
    }

    /// The ended spans in the log, oldest chunk first.
    /// - Parameter consuming: whether they are taken out, which makes room.
    package func recordedSpans(consuming: Bool) -> [RecordedSpan] {
        var spans: [RecordedSpan] = []
        let stretches = log.read { record in
            spans.append(record.recordedSpan(texts: strings.bytes))
            return true
        }
        if consuming { log.consume(stretches) }
        return spans
    }

    /// Takes all ended spans out of the log without looking at them, unless somebody is there to read them.
    package func discardRecordedSpans() {
        guard configuration.whenLogIsFull == .overwriteOldest else { return }
        log.consume(log.read { _ in true })
    }
}
