import SpanKitInputs
import SpanKitReports
import SpanKitSummaries

/// An input file or pipe. It is opened once and read once. Its kind is detected from its whole content, not from its
/// name or its beginning.
struct InputFile {
    /// What the file contains.
    enum Content {
        /// At least one object of a format that ``TraceDecoder`` reads. It may contain no spans.
        case traces
        /// A single JSON object of another kind, such as a results file.
        case json([UInt8])
        /// Anything else; `nil` if the bytes were not kept.
        case text([UInt8]?)
    }

    private let input: InputBytes
    private let forwards: Bool

    /// Opens a file.
    /// - Parameters:
    ///   - path: The path from the command line; `-` is standard input.
    ///   - forwards: Whether OTLP is read without interpretation, to forward it.
    init(_ path: String, forwards: Bool = false) throws(InputBytes.Problem) {
        self.forwards = forwards
        input = try InputBytes(path: path)
    }

    /// Reads bytes from another source than a file.
    init(_ input: InputBytes) {
        self.input = input
        forwards = false
    }

    /// The outcome of reading a file.
    struct Reading {
        let content: Content
        /// The name of the file in messages.
        let name: String
        fileprivate let decoder: DecodingSummary
        fileprivate let reads: OtherSignals
        /// The reason why the file could not be read to its end.
        let failure: InputBytes.Problem?

        /// Reports on standard error what could not be read.
        /// - Returns: The number of problems.
        func reportProblems() -> Int {
            let shown = 5
            for problem in decoder.problems.prefix(shown) { StandardStreams.note("\(name): \(problem)") }
            if decoder.problemCount > shown {
                StandardStreams.note("\(name): \(Readable.count(decoder.problemCount - shown, of: "more problem"))")
            }
            if decoder.otherSignalCount > 0 {
                let verb = decoder.otherSignalCount == 1 ? "is" : "are"
                let objects = Readable.count(decoder.otherSignalCount, of: "object")
                let (others, read) =
                    switch (reads.contains(.metrics), reads.contains(.logs)) {
                    case (false, false): ("metrics or logs", "spans")
                    case (true, false): ("logs", "spans and metrics")
                    case (false, true): ("metrics", "spans and logs")
                    case (true, true): ("data", "spans, metrics and logs")
                    }
                StandardStreams.note("\(name): \(objects) with \(others) \(verb) left out; only \(read) are read")
            }
            if decoder.unknownFieldCount > 0 {
                let verb = decoder.unknownFieldCount == 1 ? "is" : "are"
                let fields = Readable.count(decoder.unknownFieldCount, of: "unknown field")
                StandardStreams.note("\(name): \(fields) \(verb) left out; the input may use a newer version of OTLP")
            }
            if let failure { StandardStreams.note("\(failure)") }
            return decoder.problemCount + (failure == nil ? 0 : 1)
        }
    }

    /// A span or points of a metric.
    enum Element: Sendable {
        case span(DecodedSpan)
        case metric(DecodedMetric)
    }

    /// Reads the file to its end and passes every span to a closure as soon as it is read.
    /// - Parameter keepsText: Whether to keep text that is not a JSON object.
    func read<Stop: Error>(
        keepsText: Bool = false,
        _ body: (DecodedSpan) throws(Stop) -> Void
    ) throws(Stop) -> Reading {
        let reader = ParallelReader<[DecodedSpan]>(make: { [] }, add: { $0.append($1) })
        return try read(reader, keepsText: keepsText) { (spans) throws(Stop) in
            for span in spans { try body(span) }
        }
    }

    /// Reads the file to its end and passes every span and every metric to a closure as soon as it is read.
    /// - Parameter keepsText: Whether to keep text that is not a JSON object.
    func readElements<Stop: Error>(
        keepsText: Bool = false,
        _ body: (Element) throws(Stop) -> Void
    ) throws(Stop) -> Reading {
        let reader = ParallelReader<[Element]>(
            make: { [] },
            add: { $0.append(.span($1)) },
            addMetric: { $0.append(.metric($1)) }
        )
        return try read(reader, keepsText: keepsText) { (elements) throws(Stop) in
            for element in elements { try body(element) }
        }
    }

    /// Reads the file to its end and passes on the products that a ``ParallelReader`` makes of its spans.
    ///
    /// The bytes of a file without spans are kept up to ``ResultsFile/largestBytes``.
    /// - Parameter keepsText: Whether to keep text that is not a JSON object.
    func read<Product: Sendable, Stop: Error>(
        _ reader: ParallelReader<Product>,
        keepsText: Bool = false,
        _ body: (Product) throws(Stop) -> Void
    ) throws(Stop) -> Reading {
        var reader = reader
        reader.forwards = forwards
        var kept: [UInt8]? = []
        func keep(_ bytes: [UInt8], _ sofar: DecodingSummary) {
            kept?.append(contentsOf: bytes)
            guard let all = kept, !sofar.hasFoundTraces, all.count <= ResultsFile.largestBytes,
                keepsText || sofar.objectCount <= 1 && [nil, Self.brace].contains(Self.firstVisibleByte(of: all))
            else { return kept = nil }
        }
        let (decoder, failure) = try reader.read(input, progress: keep, body)
        let content: Content =
            if decoder.hasFoundTraces {
                .traces
            } else if let kept, decoder.objectCount <= 1, Self.firstVisibleByte(of: kept) == Self.brace {
                .json(kept)
            } else {
                .text(kept)
            }
        return Reading(
            content: content,
            name: input.name,
            decoder: decoder,
            reads: reader.reads,
            failure: failure
        )
    }

    /// The byte with which a JSON object begins.
    static let brace = UInt8(ascii: "{")

    /// The first byte after a byte order mark and white space.
    static func firstVisibleByte(of bytes: [UInt8]) -> UInt8? {
        bytes.first { ![0xEF, 0xBB, 0xBF, 0x20, 0x09, 0x0A, 0x0D].contains($0) }
    }
}
