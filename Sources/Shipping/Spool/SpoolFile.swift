import SpanKitOTLP
import SpanKitPlatform

/// A body in the spool. The file contains the request body, so it can be posted unchanged and read with `zcat`.
///
/// The name `000000000042-512.json.gz` means batch 42, 512 spans, OTLP/JSON, compressed; `000000000043-100.logs.json.gz` means 100 log
/// records. The order of names is the order of recording.
struct SpoolFile: Sendable, Equatable {
    let directory: SpoolDirectory
    let name: String
    let batch: UInt64
    /// The number of spans or log records.
    let spanCount: Int
    let signal: OTLPSignal
    let encoding: Encoding
    let isCompressed: Bool
    var byteCount: Int

    var path: String { "\(directory.path)/\(name)" }

    static func == (left: SpoolFile, right: SpoolFile) -> Bool {
        left.directory === right.directory && left.name == right.name
    }

    init(directory: SpoolDirectory, batch: UInt64, _ body: Body) {
        guard let encoding = body.encoding else { preconditionFailure("console text cannot be spooled") }
        self.directory = directory
        self.batch = batch
        spanCount = body.spanCount
        signal = body.signal
        self.encoding = encoding
        isCompressed = body.isCompressed
        byteCount = body.bytes.count
        name =
            Self.stem(batch: batch, spanCount: body.spanCount) + (body.signal == .logs ? Self.logs : "")
            + (encoding == .json ? ".json" : ".pb")
            + (body.isCompressed ? ".gz" : "")
    }

    private static let logs = ".logs"

    private static func stem(batch: UInt64, spanCount: Int) -> String {
        "\(batch.digits(12))-\(spanCount)"
    }

    /// The properties in a file name; nil for other files.
    private static func read(
        _ name: String
    ) -> (batch: UInt64, spanCount: Int, signal: OTLPSignal, encoding: Encoding, isCompressed: Bool)? {
        var parts = name.split(separator: ".", omittingEmptySubsequences: false)
        var signal = OTLPSignal.traces
        if parts.count > 2, parts[1] == logs.dropFirst() {
            signal = .logs
            parts.remove(at: 1)
        }
        let numbers = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        // The stem is compared as a whole, because Int also reads +512 and 0512.
        guard numbers.count == 2, let batch = UInt64(numbers[0]), let spanCount = Int(numbers[1]), spanCount > 0,
            parts[0] == stem(batch: batch, spanCount: spanCount),
            parts.count == 2 || parts.count == 3 && parts[2] == "gz"
        else { return nil }
        let encodings: [Substring: Encoding] = ["json": .json, "pb": .protobuf]
        return encodings[parts[1]].map { (batch, spanCount, signal, $0, parts.count == 3) }
    }

    /// Creates a file from its name; nil for other files.
    init?(directory: SpoolDirectory, name: String, byteCount: Int) {
        guard let read = Self.read(name) else { return nil }
        self.directory = directory
        self.name = name
        self.byteCount = byteCount
        (batch, spanCount, signal, encoding, isCompressed) = read
    }

    /// The number of spans, or log records, in all bodies of a folder, from their names.
    static func spanCount(in folder: String, _ signal: OTLPSignal = .traces) -> Int {
        FileSystem.names(in: folder).reduce(0) { sum, name in
            guard let file = read(name), file.signal == signal else { return sum }
            return sum + file.spanCount
        }
    }

    /// The content of a file.
    enum Content {
        case body(Body)
        /// The file is missing, empty, or truncated.
        case damaged(path: String)
        /// The file cannot be read now, for example because there are no descriptors or no memory. It may be readable
        /// later.
        case unreadable(SystemFailure)
    }

    /// Reads the body.
    func load() -> Content {
        let bytes: [UInt8]
        switch FileSystem.read(path) {
        case .success(let read): bytes = read
        case .failure(let problem):
            return [ENOENT, EINVAL, EFBIG].contains(problem.code) ? .damaged(path: path) : .unreadable(problem)
        }
        guard !bytes.isEmpty else { return .damaged(path: path) }
        let body = Body(bytes, encoding, signal, isCompressed: isCompressed, spanCount: spanCount)
        // A file gets its name when it is complete, but in a power cut a disk may lose data that was not written yet.
        if isCompressed {
            guard bytes.count > 18, body.plainBytes() != nil else { return .damaged(path: path) }
        } else if encoding == .json {
            guard bytes.last == UInt8(ascii: "}") else { return .damaged(path: path) }
        }
        return .body(body)
    }
}
