import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSupport

/// Random bodies with the hints of their encoder, or with wrong ones: what a compressor may ever get.
package final class RandomBatches {
    private var random: SplitMix64
    private let recorder: Recorder
    private let encoders: [any SpanEncoder]

    /// Creates a generator; nil if the system has no memory for a recorder.
    package init?(seed: UInt64) {
        var configuration = RecordingConfiguration()
        configuration.limits.attributeCount = 20
        configuration.logBytes = 16 * 1_024 * 1_024
        guard let recorder = Recorder.make(configuration) else { return nil }
        self.recorder = recorder
        random = SplitMix64(seed: seed)
        encoders = Encoding.allCases.flatMap { encoding -> [any SpanEncoder] in
            let plain = TraceEncoder(encoding, resource: Resource(), scope: InstrumentationScope(name: "plain"))
            let full = TraceEncoder(
                encoding,
                resource: Resource(attributes: [Attribute("service.name", "svc"), Attribute("n", 3)]),
                scope: InstrumentationScope(name: "s", version: "1", attributes: [Attribute("a", [1.5, 2])])
            )
            return [plain, RedactingEncoder(full, .standard)]
        }
    }

    deinit { recorder.close() }

    /// Makes a batch.
    package func next() -> (bytes: [UInt8], hints: [RepeatHint]) {
        switch Int.random(in: 0..<16, using: &random) {
        case 0: return noise(size: Int.random(in: 0...1_000, using: &random))
        case 1 where Int.random(in: 0..<20, using: &random) == 0:
            return noise(size: Int.random(in: 0...150_000, using: &random))
        case 2: return mixed(joined())
        case 3, 4: return mixed(encoded())
        default: return encoded()
        }
    }

    /// Spans as an encoder writes them.
    private func encoded() -> (bytes: [UInt8], hints: [RepeatHint]) {
        record()
        guard let encoder = encoders.randomElement(using: &random) else { return ([], []) }
        let isLimited = Int.random(in: 0..<8, using: &random) == 0
        let stretches = encoder.encode(
            recorder,
            spanLimit: isLimited ? Int.random(in: 1...20, using: &random) : .max,
            byteLimit: isLimited ? Int.random(in: 100...20_000, using: &random) : .max
        )
        let batch = (Array(encoder.bytes), Array(encoder.hints))
        recorder.consume(stretches)
        // What is left belongs to the next batch, at most a few times.
        return batch
    }

    private func record() {
        switch Int.random(in: 0..<1_000, using: &random) {
        case 0:
            let spans = Int.random(in: 0...5_000, using: &random)
            RandomSpans.recordTypical(recorder, shapes: Int.random(in: 1...30, using: &random), spans: spans, &random)
        case 1..<300:
            let spans = Int.random(in: 0...15, using: &random)
            RandomSpans.recordTypical(recorder, shapes: Int.random(in: 1...8, using: &random), spans: spans, &random)
        case 300..<350: recordLong()
        default: for _ in 0..<Int.random(in: 0...4, using: &random) { RandomSpans.record(recorder, &random) }
        }
    }

    /// Spans with keys and values that are longer than one match, and further apart than the longest distance.
    private func recordLong() {
        let lengths = [255, 256, 257, 258, 259, 260, 261, 300, 515, 516, 517, 520, 1_000]
        let key = String(repeating: "k", count: lengths.randomElement(using: &random) ?? 258)
        let filler = HostileText.make(&random, 1...40)
        for _ in 0..<Int.random(in: 2...6, using: &random) {
            let span = recorder.begin(named: "long \(key)", kind: .internal, parent: .none)
            span.set(key, String(repeating: filler, count: Int.random(in: 0...60, using: &random)))
            let far = (0..<Int.random(in: 0...200, using: &random)).map { _ in Int64(bitPattern: random.next()) }
            span.set("far", far.description)
            span.set("long value", String(repeating: "v", count: lengths.randomElement(using: &random) ?? 258))
            span.end()
        }
    }

    /// A body with several resources and scopes.
    private func joined() -> (bytes: [UInt8], hints: [RepeatHint]) {
        let half = encoders.count / 2
        let isJSON = Bool.random(using: &random)
        var parts: [[UInt8]] = []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            record()
            let encoder = encoders[Int.random(in: 0..<half, using: &random) + (isJSON ? 0 : half)]
            recorder.consume(encoder.encode(recorder, spanLimit: .max, byteLimit: .max))
            parts.append(Array(encoder.bytes))
        }
        let encoding = isJSON ? Encoding.allCases[0] : Encoding.allCases[1]
        return (BodySplitter.joined(parts, encoding) ?? [], [])
    }

    /// The same bytes with hints that are missing, moved, in the wrong order or of another slot.
    private func mixed(_ batch: (bytes: [UInt8], hints: [RepeatHint])) -> (bytes: [UInt8], hints: [RepeatHint]) {
        var hints = batch.hints.filter { _ in Int.random(in: 0..<8, using: &random) > 0 }
        for index in hints.indices where Int.random(in: 0..<4, using: &random) == 0 {
            hints[index] = RepeatHint(
                position: max(0, Int(hints[index].position) + Int.random(in: -9...9, using: &random)),
                slot: Bool.random(using: &random) ? Int(hints[index].slot) : Int.random(in: 0...99_999, using: &random)
            )
        }
        if Int.random(in: 0..<4, using: &random) == 0 { hints.shuffle(using: &random) }
        return (batch.bytes, hints + someHints(batch.bytes.count))
    }

    /// Bytes with pieces that repeat, near and far, and any hints.
    package func noise(size: Int) -> (bytes: [UInt8], hints: [RepeatHint]) {
        let letters = UInt8.random(in: 1...255, using: &random)
        var bytes = (0..<size).map { _ in UInt8.random(in: 0...letters, using: &random) }
        for _ in 0..<Int.random(in: 0...20, using: &random) where size > 1 {
            let from = Int.random(in: 0..<size, using: &random)
            let to = Int.random(in: 0..<size, using: &random)
            for offset in 0..<Int.random(in: 0...(size - max(from, to)), using: &random) {
                bytes[to + offset] = bytes[from + offset]
            }
        }
        return (bytes, someHints(size).sorted { $0.position < $1.position })
    }

    private func someHints(_ size: Int) -> [RepeatHint] {
        let slots = Int.random(in: 1...40, using: &random)
        return (0..<Int.random(in: 0...60, using: &random)).map { _ in
            RepeatHint(
                // Also after the end.
                position: Int.random(in: 0...(size + size / 16), using: &random),
                slot: Int.random(in: 0..<slots, using: &random)
            )
        }
    }
}
