import CSpanKit
import SpanKitPlatform

/// Reads the spans of an input with several threads: one reads and decompresses, the others decode and make a product
/// from the spans of each chunk. The calling thread receives the products in the order of the input.
///
/// The result does not depend on the number of threads. The number of chunks in memory is limited, and a large object
/// becomes several products. If the system cannot create a thread, the calling thread does its work.
package struct ParallelReader<Product: Sendable>: Sendable {
    /// Whether OTLP is read without interpretation, to forward it.
    package var forwards = false
    /// The number of threads that decode. With 0, the calling thread does everything.
    package var workers = ParallelReader.usualWorkers
    /// The maximum size of a chunk in bytes.
    package var chunkBytes = 1 << 19
    /// Makes an empty product, for each chunk and for each part of a large object.
    package let make: @Sendable () -> Product
    /// Adds a span to the product of its chunk.
    package let add: @Sendable (inout Product, DecodedSpan) -> Void
    /// Adds points of a metric to the product of its chunk; `nil` if metrics are not read.
    package let addMetric: (@Sendable (inout Product, DecodedMetric) -> Void)?
    /// Adds a log record to the product of its chunk; `nil` if log records are not read.
    package let addLog: (@Sendable (inout Product, DecodedLog) -> Void)?

    package init(
        make: @escaping @Sendable () -> Product,
        add: @escaping @Sendable (inout Product, DecodedSpan) -> Void,
        addMetric: (@Sendable (inout Product, DecodedMetric) -> Void)? = nil,
        addLog: (@Sendable (inout Product, DecodedLog) -> Void)? = nil
    ) {
        self.make = make
        self.add = add
        self.addMetric = addMetric
        self.addLog = addLog
    }

    /// The signals other than spans that are read.
    package var reads: OtherSignals {
        var reads: OtherSignals = []
        if addMetric != nil { reads.insert(.metrics) }
        if addLog != nil { reads.insert(.logs) }
        return reads
    }

    /// The default number of threads: one for each processor that the process may use, up to 8. More threads do not help, because a
    /// single thread receives the products.
    package static var usualWorkers: Int {
        let processors = min(8, Int(spankit_usable_processors()))
        return processors > 1 ? processors : 0
    }

    /// Reads the input to its end.
    /// - Parameters:
    ///   - progress: Called after the products of each chunk, with the bytes of the chunk and a summary of the input so
    ///     far.
    ///   - body: Receives the products. If it throws, reading ends.
    package func read<Stop: Error>(
        _ input: InputBytes,
        progress: ([UInt8], DecodingSummary) -> Void = { _, _ in },
        _ body: (Product) throws(Stop) -> Void
    ) throws(Stop) -> (summary: DecodingSummary, failure: InputBytes.Problem?) {
        let work = ChunkWork(ChunkSource(input, chunkBytes: chunkBytes), inFlight: 2 * workers + 2, self)
        defer { work.cancel() }
        let hasReader = workers > 0 && Thread("spankit-read", { while work.read(waits: true) {} }) != nil
        var threads = 0
        for _ in 0..<(hasReader ? workers : 0)
        where Thread("spankit-decode", { while work.decode(waits: true) {} }) != nil { threads += 1 }
        var summary = DecodingSummary()
        /// The decoder after the last chunk so far.
        var latest: TraceDecoder?
        func end() throws(Stop) {
            guard var decoder = latest.take() else { return }
            var parts = Parts(self)
            try decoder.finish { (span) throws(Stop) in if let part = parts.add(span) { try body(part) } }
            for metric in decoder.takeMetrics() { if let part = parts.add(metric) { try body(part) } }
            for log in decoder.takeLogs() { if let part = parts.add(log) { try body(part) } }
            if let rest = parts.rest { try body(rest) }
            summary.add(decoder)
            work.recycle(decoder.memory)
        }
        while true {
            switch work.next(waits: threads > 0) {
            case .decoded(let chunk):
                try end()
                try body(chunk.product)
                progress(chunk.bytes, summary.adding(DecodingSummary.State(chunk.parcel.decoder)))
                latest = chunk.parcel.decoder
            case .continued(let bytes):
                guard var decoder = latest.take() else { continue }
                var parts = Parts(self)
                try decoder.decode(bytes) { (span) throws(Stop) in if let part = parts.add(span) { try body(part) } }
                for metric in decoder.takeMetrics() { if let part = parts.add(metric) { try body(part) } }
                for log in decoder.takeLogs() { if let part = parts.add(log) { try body(part) } }
                if let rest = parts.rest { try body(rest) }
                progress(bytes, summary.adding(DecodingSummary.State(decoder)))
                latest = decoder
            case .end:
                try end()
                return (summary, work.failure)
            case nil:
                if !work.decode(waits: hasReader), !hasReader { _ = work.read(waits: false) }
            }
        }
    }

    /// Divides the spans of a large object among several products.
    private struct Parts {
        /// The number of spans, log records, attributes, events, links and data points from which a product is passed on.
        static var usualWeight: Int { 1_000 }
        private let reader: ParallelReader
        private var product: Product
        private var weight = 0

        init(_ reader: ParallelReader) {
            self.reader = reader
            product = reader.make()
        }

        /// Adds a span. Returns the product if it is large enough to be passed on.
        mutating func add(_ span: DecodedSpan) -> Product? {
            weight += 1 + span.span.attributes.count + span.span.events.count + span.span.links.count
            reader.add(&product, span)
            return whole()
        }

        mutating func add(_ metric: DecodedMetric) -> Product? {
            weight += 1 + metric.metric.points.count
            reader.addMetric?(&product, metric)
            return whole()
        }

        mutating func add(_ log: DecodedLog) -> Product? {
            weight += 1 + log.attributes.count
            reader.addLog?(&product, log)
            return whole()
        }

        private mutating func whole() -> Product? {
            guard weight >= Self.usualWeight else { return nil }
            defer { (product, weight) = (reader.make(), 0) }
            return product
        }

        /// The last product; `nil` if no span was added after the previous product.
        var rest: Product? { weight > 0 ? product : nil }
    }
}

/// What decoders found in an input, or in the part of it that was read.
package struct DecodingSummary: Sendable {
    /// The first 100 problems.
    package private(set) var problems: [DecodingProblem] = []
    /// The total number of problems.
    package private(set) var problemCount = 0
    /// The number of objects with metrics or logs, which are not read.
    package private(set) var otherSignalCount = 0
    /// The number of unknown protobuf fields.
    package private(set) var unknownFieldCount = 0
    /// Whether the input contains an object of a format that the decoder reads, even one without spans.
    package private(set) var hasFoundTraces = false
    /// The number of JSON objects that were read, of any kind.
    package private(set) var objectCount = 0
    /// The number of line ends.
    private var lineCount = 0

    /// What a decoder has found so far, without the problems.
    struct State: Sendable {
        var hasFoundTraces: Bool
        var objectCount: Int

        init(_ decoder: TraceDecoder) {
            hasFoundTraces = decoder.hasFoundTraces
            objectCount = decoder.objectCount
        }
    }

    package init() {}

    /// Adds what a decoder has found in the bytes that follow those of the previous decoders.
    mutating func add(_ decoder: TraceDecoder) {
        for var problem in decoder.problems.prefix(TraceDecoder.problemLimit - problems.count) {
            if problem.byteOffset == nil { problem.line += lineCount }
            problems.append(problem)
        }
        problemCount += decoder.problemCount
        otherSignalCount += decoder.otherSignalCount
        unknownFieldCount += decoder.unknownFieldCount
        lineCount += decoder.line - 1
        self = adding(State(decoder))
    }

    func adding(_ state: State) -> DecodingSummary {
        var summary = self
        summary.hasFoundTraces = hasFoundTraces || state.hasFoundTraces
        summary.objectCount += state.objectCount
        return summary
    }
}

/// The chunks that the threads of a ``ParallelReader`` pass to each other, numbered in the order of the input.
///
/// Any thread can decode a chunk that begins with an object. A chunk that continues an object is decoded by the calling
/// thread, so that the products of an object larger than a chunk are not kept in memory.
private final class ChunkWork<Product: Sendable>: Sendable {
    /// A chunk that was decoded.
    struct Decoded: Sendable {
        var bytes: [UInt8]
        var product: Product
        /// The decoder after the chunk.
        var parcel: Parcel
    }

    /// A decoder that is passed to another thread. Only one thread uses it at a time.
    struct Parcel: @unchecked Sendable {
        var decoder: TraceDecoder
    }

    /// The next chunk in the order of the input.
    enum Next {
        case decoded(Decoded)
        /// Bytes that continue the previous chunk.
        case continued([UInt8])
        case end
    }

    private struct Shared: Sendable {
        /// The chunks that no thread has begun to decode.
        var waiting: [(number: Int, bytes: [UInt8])] = []
        var decoded: [Int: Decoded] = [:]
        /// Chunks that continue the previous chunk.
        var continuing: [Int: [UInt8]] = [:]
        /// The memories of decoders that have ended, for reuse.
        var memories: [Memory] = []
        var readCount = 0
        var takenCount = 0
        var isAtEnd = false
        var isCancelled = false
        var failure: InputBytes.Problem?
    }

    /// Only one decoder uses it at a time.
    struct Memory: @unchecked Sendable {
        var memory: ReadingMemory
    }

    private let shared = Monitor(Shared())
    private let source: ChunkSource
    private let inFlight: Int
    private let reader: ParallelReader<Product>

    init(_ source: ChunkSource, inFlight: Int, _ reader: ParallelReader<Product>) {
        self.source = source
        self.inFlight = inFlight
        self.reader = reader
    }

    var failure: InputBytes.Problem? { shared.read { $0.failure } }

    /// Stops the threads. A thread that waits for input stops when the input ends.
    func cancel() { shared.change { $0.isCancelled = true } }

    func recycle(_ memory: ReadingMemory) {
        let memory = Memory(memory: memory)
        shared.change { $0.memories.append(memory) }
    }

    private func wait<Result>(_ waits: Bool, _ body: (inout Shared) -> Result?) -> Result? {
        waits ? shared.wait(until: nil, body) : shared.change(body)
    }

    // MARK: Reading

    /// Reads a chunk.
    /// - Returns: Whether there may be more.
    func read(waits: Bool) -> Bool {
        let mayRead = wait(waits) { shared -> Bool? in
            if shared.isAtEnd || shared.isCancelled { return false }
            return shared.readCount - shared.takenCount < inFlight ? true : nil
        }
        guard mayRead == true else { return mayRead ?? true }
        let (chunk, failure) = source.next()
        return shared.change { shared in
            if let chunk {
                if chunk.continues {
                    shared.continuing[shared.readCount] = chunk.bytes
                } else {
                    shared.waiting.append((shared.readCount, chunk.bytes))
                }
                shared.readCount += 1
                return true
            }
            shared.isAtEnd = true
            shared.failure = failure
            return false
        }
    }

    // MARK: Decoding

    /// Decodes the next chunk that begins with an object.
    /// - Returns: Whether it decoded a chunk. If `waits` is true, `false` means the end of the input.
    func decode(waits: Bool) -> Bool {
        let begun = wait(waits) { shared -> (number: Int, bytes: [UInt8])?? in
            if shared.isCancelled { return .some(nil) }
            if !shared.waiting.isEmpty { return shared.waiting.removeFirst() }
            return shared.isAtEnd ? .some(nil) : nil
        }
        guard case .some(.some(let (number, bytes))) = begun else { return false }
        var decoder = TraceDecoder(
            forwards: reader.forwards,
            reads: reader.reads,
            isText: number > 0,
            memory: shared.change { $0.memories.popLast() }?.memory
        )
        var product = reader.make()
        decoder.decode(bytes) { reader.add(&product, $0) }
        for metric in decoder.takeMetrics() { reader.addMetric?(&product, metric) }
        for log in decoder.takeLogs() { reader.addLog?(&product, log) }
        let decoded = Decoded(bytes: bytes, product: product, parcel: Parcel(decoder: decoder))
        shared.change { $0.decoded[number] = decoded }
        return true
    }

    // MARK: Taking

    /// The next chunk in the order of the input; `nil` if it was not read or decoded yet.
    func next(waits: Bool) -> Next? {
        let next = wait(waits) { shared -> Next? in
            let number = shared.takenCount
            if shared.isAtEnd, number == shared.readCount { return .end }
            guard
                let next = shared.continuing.removeValue(forKey: number).map({ Next.continued($0) })
                    ?? shared.decoded.removeValue(forKey: number).map({ Next.decoded($0) })
            else { return nil }
            shared.takenCount += 1
            return next
        }
        // Wakes a reader that waits for room.
        if waits { shared.change { _ in } }
        return next
    }
}
