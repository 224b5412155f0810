import SpanKitInputs
import SpanKitOTLP
import SpanKitSummaries

/// An input file. Its kind follows from its content, not from its name. gzip is decompressed.
struct InputFile {
    enum Kind {
        /// Any format that ``TraceDecoder`` reads.
        case spans
        /// Other JSON, such as a results file.
        case json
        /// Prometheus text.
        case metrics
    }

    /// The path from the command line; `-` is standard input.
    let path: String
    let kind: Kind
    private let beginning: [UInt8]
    private let rest: InputBytes

    /// The number of bytes from which the kind is determined.
    private static let beginningBytes = 64 * 1_024

    /// Opens a file and determines its kind.
    init(_ path: String) throws(InputBytes.Problem) {
        self.path = path
        let input = try InputBytes(path: path)
        var beginning: [UInt8] = []
        while beginning.count < Self.beginningBytes, let bytes = try input.next() {
            beginning += bytes
            // Spans from a slow pipe are processed as soon as the kind is known.
            if Self.kind(of: beginning) == .spans { break }
        }
        kind = Self.kind(of: beginning)
        self.beginning = beginning
        rest = input
    }

    private static func kind(of bytes: [UInt8]) -> Kind {
        let text = bytes.drop { [0xEF, 0xBB, 0xBF, 0x20, 0x09, 0x0A, 0x0D].contains($0) }
        // Spans may also follow a first line that was cut off and does not begin with a brace.
        if TraceForm.holdsSpans(bytes) { return .spans }
        return text.first == UInt8(ascii: "{") ? .json : .metrics
    }

    /// Reads all bytes.
    func bytes() throws(InputBytes.Problem) -> [UInt8] {
        var all = beginning
        while let bytes = try rest.next() { all += bytes }
        return all
    }

    /// Passes the spans of OTLP JSON to a closure, and reports the problems on standard error.
    /// - Returns: The number of problems.
    func readSpans<Stop: Error>(_ body: (DecodedSpan) throws(Stop) -> Void) throws(Stop) -> Int {
        var decoder = TraceDecoder()
        var failure: InputBytes.Problem?
        try decoder.decode(beginning, body)
        while failure == nil {
            let bytes: [UInt8]
            do throws(InputBytes.Problem) {
                guard let more = try rest.next() else { break }
                bytes = more
            } catch {
                failure = error
                break
            }
            try decoder.decode(bytes, body)
        }
        try decoder.finish(body)
        let name = path == "-" ? "standard input" : path
        let shown = 5
        for problem in decoder.problems.prefix(shown) { StandardStreams.note("\(name): \(problem)") }
        if decoder.problemCount > shown {
            StandardStreams.note("\(name): \(Readable.count(decoder.problemCount - shown, of: "more problem"))")
        }
        if decoder.otherSignalCount > 0 {
            let verb = decoder.otherSignalCount == 1 ? "is" : "are"
            let objects = Readable.count(decoder.otherSignalCount, of: "object")
            StandardStreams.note("\(name): \(objects) with metrics or logs \(verb) left out; only spans are read")
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
