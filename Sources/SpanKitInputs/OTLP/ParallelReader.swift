import SpanKitPlatform

/// Reads the spans of an input with several threads: one reads and decompresses, others decode. The calling thread gets what they made of
/// the spans, in the order of the input.
///
/// What it gets does not depend on the number of threads. The number of chunks in memory is limited. Threads that the system cannot
/// create are replaced by the calling one.
package struct ParallelReader<Product: Sendable>: Sendable {
    /// Whether OTLP is read as it was written, to forward it.
    package var forwards = false
    /// The number of threads that decode. With 0, the calling thread does everything.
    package var workers = ParallelReader.usualWorkers
    /// The size from which bytes become a chunk.
    package var chunkBytes = 1 << 19
    /// Makes an empty product. Each chunk gets its own.
    package let make: @Sendable () -> Product
    /// Adds a span to the product of its chunk.
    let add: @Sendable (inout Product, DecodedSpan) -> Void

    package init(make: @escaping @Sendable () -> Product, add: @escaping @Sendable (inout Product, DecodedSpan) -> Void)
    {
        self.make = make
        self.add = add
    }

    /// One for each processor, up to 8: a single thread takes the products.
    package static var usualWorkers: Int {
        let processors = min(8, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        return processors > 1 ? processors : 0
    }

    /// Reads the input to its end.
    /// - Parameters:
    ///   - progress: Is called with the bytes of each chunk and with what was read so far, after the product of the chunk.
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
        while true {
            if let decoded = work.nextDecoded(waits: threads > 0) {
                if var decoder = decoded.ended {
                    var product = make()
                    decoder.finish { add(&product, $0) }
                    summary.add(decoder)
                    work.recycle(decoder)
                    try body(product)
                }
                guard let chunk = decoded.chunk else { break }
                try body(chunk.product)
                progress(chunk.bytes, summary.adding(chunk.state))
            } else if !work.decode(waits: hasReader), !hasReader {
                _ = work.read(waits: false)
            }
        }
        return (summary, work.failure)
    }
}

/// What was found in an input, or in the part of it that was read.
package struct DecodingSummary: Sendable {
    /// The first 100 problems.
    package private(set) var problems: [DecodingProblem] = []
    /// The number of all problems.
    package private(set) var problemCount = 0
    /// The number of objects with metrics or logs instead of spans.
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

    /// Adds what a decoder has found in the bytes behind those of the decoders before it.
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

/// The chunks between the threads of a ``ParallelReader``, numbered in the order of the input.
private final class ChunkWork<Product: Sendable>: Sendable {
    /// A chunk that was decoded.
    struct Decoded: Sendable {
        var bytes: [UInt8]
        var product: Product
        var state: DecodingSummary.State
    }

    /// A decoder on its way to another thread. Only one thread has it at a time.
    struct Parcel: @unchecked Sendable {
        var decoder: TraceDecoder
    }

    private struct Shared: Sendable {
        /// Chunks that no thread has begun to decode.
        var waiting: [Int: ChunkSource.Chunk] = [:]
        var decoded: [Int: Decoded] = [:]
        /// The decoders after their last chunk so far.
        var decoders: [Int: Parcel] = [:]
        /// Chunks that continue the one before.
        var continuing: Set<Int> = []
        /// What decoders that have ended remember.
        var memories: [Memory] = []
        var readCount = 0
        var begunCount = 0
        var takenCount = 0
        var isAtEnd = false
        var isCancelled = false
        var failure: InputBytes.Problem?
    }

    /// Only one decoder has it at a time.
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

    /// Ends the threads. One that waits for the input ends when the input does.
    func cancel() { shared.change { $0.isCancelled = true } }

    func recycle(_ decoder: TraceDecoder) {
        let memory = Memory(memory: decoder.memory)
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
                shared.waiting[shared.readCount] = chunk
                if chunk.continues { shared.continuing.insert(shared.readCount) }
                shared.readCount += 1
                return true
            }
            shared.isAtEnd = true
            shared.failure = failure
            return false
        }
    }

    // MARK: Decoding

    /// Decodes the next chunk.
    /// - Returns: Whether it has; with `waits`, `false` at the end.
    func decode(waits: Bool) -> Bool {
        let begun = wait(waits) { shared -> (number: Int, chunk: ChunkSource.Chunk)?? in
            if shared.isCancelled { return .some(nil) }
            if let chunk = shared.waiting.removeValue(forKey: shared.begunCount) {
                shared.begunCount += 1
                return (shared.begunCount - 1, chunk)
            }
            return shared.isAtEnd ? .some(nil) : nil
        }
        guard case .some(.some(let (number, chunk))) = begun else { return false }
        guard var decoder = decoder(for: chunk, number) else { return false }
        var product = reader.make()
        decoder.decode(chunk.bytes) { reader.add(&product, $0) }
        let decoded = Decoded(bytes: chunk.bytes, product: product, state: DecodingSummary.State(decoder))
        let parcel = Parcel(decoder: decoder)
        shared.change { shared in
            shared.decoded[number] = decoded
            shared.decoders[number] = parcel
        }
        return true
    }

    /// The decoder of the chunk before if an object continues, else a new one.
    private func decoder(for chunk: ChunkSource.Chunk, _ number: Int) -> TraceDecoder? {
        guard chunk.continues else {
            let memory = shared.change { $0.memories.popLast() }?.memory ?? ReadingMemory()
            return TraceDecoder(forwards: reader.forwards, isText: number > 0, memory: memory)
        }
        let parcel = shared.wait(until: nil) { shared -> Parcel?? in
            if shared.isCancelled { return .some(nil) }
            return shared.decoders.removeValue(forKey: number - 1).map { .some($0) }
        }
        return parcel??.decoder
    }

    // MARK: Taking

    /// The next chunk in the order of the input; `nil` if it was not decoded yet.
    /// - Returns: The decoder of the chunks before it if it has ended, and the chunk; no chunk at the end.
    func nextDecoded(waits: Bool) -> (ended: TraceDecoder?, chunk: Decoded?)? {
        let next = wait(waits) { shared -> (Parcel?, Decoded?)? in
            let number = shared.takenCount
            let isAtEnd = shared.isAtEnd && number == shared.readCount
            guard isAtEnd || shared.decoded[number] != nil else { return nil }
            let continues = shared.continuing.remove(number) != nil
            let ended = continues ? nil : shared.decoders.removeValue(forKey: number - 1)
            shared.takenCount += isAtEnd ? 0 : 1
            return (ended, shared.decoded.removeValue(forKey: number))
        }
        // Wakes a reader that waits for room.
        if waits { shared.change { _ in } }
        return next.map { ($0.0?.decoder, $0.1) }
    }
}
