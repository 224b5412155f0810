import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

/// Random traces through the sampler and through a model that says the same in the plainest words.
@Suite("Tail sampling follows a model in any order of events")
struct TailModelTests {
    @Test("kept, dropped and waiting spans of random traces match the model", arguments: 0..<12)
    func againstModel(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var configuration = TailSampling(keeping: [.errors, .slow(.seconds(2))], otherwise: 0.5)
        configuration.decisionWait = .seconds(30)
        configuration.maximumSpans = seed % 3 == 0 ? 40 : 1_000_000
        let run = try TailRun(configuration)
        var model = Model(threshold: 1 << 55, maximumSpans: configuration.maximumSpans)
        var open: [OpenTrace] = []
        var kept: [UInt64: String] = [:]
        var ended = 0
        for step in 0..<4_000 {
            if open.isEmpty || Int.random(in: 0..<6, using: &random) == 0, open.count < 30 {
                open.append(OpenTrace(run, number: UInt64(step) + 1, &random))
            } else {
                let position = Int.random(in: 0..<open.count, using: &random)
                if let span = open[position].endOne(&random) {
                    model.end(span)
                    ended += 1
                }
                if open[position].isOver { open.remove(at: position) }
            }
            if Int.random(in: 0..<20, using: &random) == 0 {
                run.advance(.seconds(Int.random(in: 0...3, using: &random)))
            }
            // The sampler learns of spans when it looks; the model is told of the same moments.
            if Int.random(in: 0..<8, using: &random) == 0 {
                let decidesAll = Int.random(in: 0..<40, using: &random) == 0
                run.decide(all: decidesAll)
                model.decide(at: run.elapsed, decidesAll: decidesAll)
                for span in run.taken() { try record(span, in: &kept) }
                #expect(kept == model.kept)
                #expect(Int(run.sampler.account.dropped) == model.dropped.count)
                #expect(Int(run.sampler.account.waiting) == model.waitingCount)
            }
        }
        run.decide(all: true)
        model.decide(at: run.elapsed, decidesAll: true)
        for span in run.taken() { try record(span, in: &kept) }
        #expect(kept == model.kept)
        #expect(kept.count + model.dropped.count == ended, "every span is accounted for, once")
        #expect(run.recorder.waitingBytes == 0)
        #expect(model.kept.count > 200 && model.dropped.count > 200, "the run has something to say")
    }

    private func record(_ span: RecordedSpan, in kept: inout [UInt64: String]) throws {
        #expect(kept[span.context.spanID.rawValue] == nil, "no span comes twice")
        kept[span.context.spanID.rawValue] = span.context.traceState
    }
}

/// A trace whose spans end in any order.
private struct OpenTrace {
    private var spans: [(span: SpanHandle, parent: SpanID, isLocalRoot: Bool)] = []
    private let randomness: UInt64
    private let isBelowRemote: Bool

    var isOver: Bool { spans.isEmpty }

    init(_ run: TailRun, number: UInt64, _ random: inout SplitMix64) {
        isBelowRemote = Bool.random(using: &random)
        if isBelowRemote {
            let traceID = TraceID(high: number, low: random.next())
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let root = run.remote("root", traceID: traceID)
                spans.append((root, .invalid, true))
            }
        } else {
            spans.append((run.recorder.begin(named: "root", parent: .none), .invalid, true))
        }
        randomness = spans[0].span.context.traceID.low & 0xFF_FFFF_FFFF_FFFF
        // Trees of many spans are found in another way than small ones.
        let mostChildren = Int.random(in: 0..<8, using: &random) == 0 ? 90 : 12
        for _ in 0..<Int.random(in: 0...mostChildren, using: &random) {
            let parent = spans[Int.random(in: 0..<spans.count, using: &random)].span
            spans.append((run.child("child", of: parent), parent.context.spanID, false))
        }
    }

    /// Ends a span, mostly one whose children have ended.
    mutating func endOne(_ random: inout SplitMix64) -> Model.Span? {
        let position =
            Int.random(in: 0..<4, using: &random) == 0
            ? Int.random(in: 0..<spans.count, using: &random) : spans.count - 1
        let (span, parent, isLocalRoot) = spans.remove(at: position)
        let fails = Int.random(in: 0..<40, using: &random) == 0
        if fails { span.setStatus(.error("broken")) }
        span.end()
        return Model.Span(
            id: span.context.spanID,
            parent: parent,
            trace: span.context.traceID,
            randomness: randomness,
            isLocalRoot: isLocalRoot,
            isBelowRemote: isBelowRemote,
            fails: fails
        )
    }
}

/// The rules in the plainest words, at any cost.
private struct Model {
    struct Span {
        var id: SpanID
        var parent: SpanID
        var trace: TraceID
        var randomness: UInt64
        var isLocalRoot: Bool
        var isBelowRemote: Bool
        var fails: Bool
    }

    private struct Waiting {
        var spans: [Span] = []
        var since: Duration
        var fails = false
    }

    let threshold: UInt64
    let maximumSpans: Int
    /// Trace states by span.
    private(set) var kept: [UInt64: String] = [:]
    private(set) var dropped: Set<UInt64> = []
    private var new: [Span] = []
    /// In the order in which they came.
    private var waiting: [(trace: TraceID, Waiting)] = []
    /// Whether the first decision knew that there was no head sampling.
    private var keptForCertain: [TraceID: Bool] = [:]

    init(threshold: UInt64, maximumSpans: Int) {
        self.threshold = threshold
        self.maximumSpans = maximumSpans
    }

    var waitingCount: Int { waiting.reduce(0) { $0 + $1.1.spans.count } }

    mutating func end(_ span: Span) { new.append(span) }

    mutating func decide(at now: Duration, decidesAll: Bool) {
        for span in new { take(span, now) }
        new = []
        while let (trace, oldest) = waiting.first,
            decidesAll || waitingCount > maximumSpans || now - oldest.since >= .seconds(30)
        {
            waiting.removeFirst()
            if oldest.fails {
                keptForCertain[trace] = keptForCertain[trace] ?? false
                for span in oldest.spans { keep(span, certainty: false, "0") }
            } else {
                for span in oldest.spans { choose(span, certainty: false) }
            }
        }
    }

    private mutating func take(_ span: Span, _ now: Duration) {
        if let certainty = keptForCertain[span.trace] { return keep(span, certainty: certainty, "0") }
        if !waiting.contains(where: { $0.trace == span.trace }) { waiting.append((span.trace, Waiting(since: now))) }
        guard let position = waiting.firstIndex(where: { $0.trace == span.trace }) else { return }
        waiting[position].1.spans.append(span)
        if span.fails { waiting[position].1.fails = true }
        guard span.isLocalRoot else { return }
        if waiting[position].1.fails {
            keptForCertain[span.trace] = !span.isBelowRemote
            for span in waiting.remove(at: position).1.spans { keep(span, certainty: !span.isBelowRemote, "0") }
            return
        }
        // All that leads to the root, found by asking again and again.
        var tree: Set<SpanID> = [span.id]
        while true {
            let more = waiting[position].1.spans.filter { tree.contains($0.parent) && !tree.contains($0.id) }
            if more.isEmpty { break }
            tree.formUnion(more.map(\.id))
        }
        for member in waiting[position].1.spans where tree.contains(member.id) {
            choose(member, certainty: !span.isBelowRemote)
        }
        waiting[position].1.spans.removeAll { tree.contains($0.id) }
        if waiting[position].1.spans.isEmpty { waiting.remove(at: position) }
    }

    private mutating func choose(_ span: Span, certainty: Bool) {
        if span.randomness >= threshold {
            keep(span, certainty: certainty, "8")
        } else {
            dropped.insert(span.id.rawValue)
        }
    }

    private mutating func keep(_ span: Span, certainty: Bool, _ threshold: String) {
        let isTrueRoot = span.isLocalRoot && !span.isBelowRemote
        kept[span.id.rawValue] = certainty || isTrueRoot ? "ot=th:\(threshold)" : ""
    }
}
