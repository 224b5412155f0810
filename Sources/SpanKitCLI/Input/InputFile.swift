import SpanKitInputs
import SpanKitOTLP
import SpanKitShipping

/// A file given to a command. What it is says its beginning, whatever its name; gzip is undone.
struct InputFile {
    /// What a file holds.
    enum Kind {
        /// Any format that ``TraceDecoder`` reads.
        case spans
        /// JSON of something else: results of `spankit profile`.
        case json
        /// The text format of Prometheus.
        case metrics
    }

    /// The path as it was given; `-` is standard input.
    let path: String
    let kind: Kind
    private let beginning: [UInt8]
    private let rest: InputBytes

    /// How much is looked at to tell what a file is.
    private static let beginningBytes = 64 * 1_024

    /// Opens a file and looks at its beginning.
    init(_ path: String) throws(InputBytes.Problem) {
        self.path = path
        let input = try InputBytes(path: path)
        var beginning: [UInt8] = []
        while beginning.count < Self.beginningBytes, let bytes = try input.next() {
            beginning += bytes
            // What comes slowly through a pipe is not waited for longer than needed.
            if Self.kind(of: beginning) == .spans { break }
        }
        kind = Self.kind(of: beginning)
        self.beginning = beginning
        rest = input
    }

    private static func kind(of bytes: [UInt8]) -> Kind {
        let text = bytes.drop { [0xEF, 0xBB, 0xBF, 0x20, 0x09, 0x0A, 0x0D].contains($0) }
        // A torn first line is no brace, and spans may follow it all the same.
        if TraceForm.holdsSpans(bytes) { return .spans }
        return text.first == UInt8(ascii: "{") ? .json : .metrics
    }

    /// All bytes.
    func bytes() throws(InputBytes.Problem) -> [UInt8] {
        var all = beginning
        while let bytes = try rest.next() { all += bytes }
        return all
    }

    /// Hands out the spans of OTLP JSON one by one, then says what could not be read.
    /// - Returns: how many places could not be read.
    func readSpans<Stop: Error>(
        note: (String) -> Void,
        _ body: (DecodedSpan) throws(Stop) -> Void
    ) throws(Stop) -> Int {
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
        for problem in decoder.problems.prefix(shown) { note("\(name): \(problem)") }
        if decoder.problemCount > shown {
            note("\(name): \(decoder.problemCount - shown) more places that cannot be read")
        }
        if decoder.otherSignalCount > 0 {
            note("\(name): \(decoder.otherSignalCount) objects with metrics or logs are left out; only spans are read")
        }
        if decoder.unknownFieldCount > 0 {
            note("\(name): \(decoder.unknownFieldCount) fields of a newer version of OTLP are passed over")
        }
        if let failure { note("\(failure)") }
        return decoder.problemCount + (failure == nil ? 0 : 1)
    }
}
