import SpanKitCLI
import SpanKitInputs
import SpanKitPlatform
import SpanKitStore

/// A file whose telemetry is added to a store, and followed while it grows: OTLP as JSON lines, or Jaeger or Zipkin JSON. OTLP as protobuf and
/// compressed files are read once.
///
/// One thread uses it at a time.
struct LoadedFile {
    private static let shownProblems = 5
    /// An incomplete object at the end of a file that has not changed for so many seconds is damaged.
    private static let writingSeconds = 10

    let path: String
    private let door: Door
    private var loader: Loader
    private var file: GrowingFile
    private var decoder = TraceDecoder(forwards: true)
    private var others = OtherSignalLines()
    private var isFirst = true
    private var reportedCount = 0
    private var spansBefore = 0
    /// Whether more may come.
    private(set) var canGrow = true

    /// - Parameter path: `-` is standard input.
    init(_ path: String, _ door: Door) throws(InputBytes.Problem) {
        self.path = path
        self.door = door
        loader = Loader(door)
        file = try GrowingFile(path)
    }

    /// Whether it is standard input or a pipe, whose end is not known before it has come.
    var isStream: Bool { file.isStream }
    /// The number of spans that were read.
    var spanCount: Int { spansBefore + decoder.spanCount }

    /// Adds what is in the file and was not added yet.
    /// - Returns: Sentences about problems.
    mutating func read() async throws -> [String] {
        var notes: [String] = []
        var hasRead = isFirst
        while canGrow {
            let part: GrowingFile.Part?
            do { part = try file.next() } catch {
                canGrow = false
                return notes + [error.description]
            }
            guard let part else { break }
            hasRead = true
            switch part {
            case .restart(let wasEmptied):
                notes.append("\(path): the file was \(wasEmptied ? "emptied" : "replaced"); reading it from its start")
                spansBefore += decoder.spanCount
                (decoder, others) = (TraceDecoder(forwards: true), OtherSignalLines())
                (isFirst, reportedCount) = (true, 0)
            case .bytes(let bytes):
                if isFirst, !isStream, !Self.isText(bytes) { return notes + (try await readOnce()) }
                if isFirst, GrowingFile.isCompressed(bytes) {
                    canGrow = false
                    return notes + ["\(path): is compressed; give the file itself, or decompress it first"]
                }
                isFirst = false
                decoder.decode(bytes) { loader.add($0) }
                others.add(bytes)
                try await write(isLast: false)
            }
        }
        if hasRead {
            if file.hasEnded { finish() } else { endObject() }
            try await write(isLast: true)
        }
        return notes + takeProblems()
    }

    /// JSON can be read piece by piece. Other formats begin with other characters.
    private static func isText(_ bytes: [UInt8]) -> Bool {
        guard let first = bytes.first(where: { !$0.isSpace }) else { return true }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[") || first == 0xEF
    }

    private mutating func readOnce() async throws -> [String] {
        canGrow = false
        let (spans, problems) = try await loader.load(path)
        spansBefore += spans
        return problems
    }

    /// Reads what an incomplete object at the end contains, if nobody writes the rest.
    private mutating func endObject() {
        others.endCompleteLine()
        var ending = decoder
        var rest: [DecodedSpan] = []
        ending.finish { rest.append($0) }
        guard ending.problemCount > decoder.problemCount, !isBeingWritten else { return }
        decoder = ending
        for span in rest { loader.add(span) }
        canGrow = false
    }

    private mutating func finish() {
        decoder.finish { loader.add($0) }
        others.endLine()
        canGrow = false
    }

    private var isBeingWritten: Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        return UnixTime.nanoseconds() / 1_000_000_000 - Int64(status.st_mtim.tv_sec) < Self.writingSeconds
    }

    private mutating func write(isLast: Bool) async throws {
        try await loader.write(isLast: isLast)
        for (signal, body) in others.take() { try await door.write(signal, body) }
    }

    private mutating func takeProblems() -> [String] {
        let problems = decoder.problems
        defer { reportedCount = decoder.problemCount }
        var notes = problems.prefix(Self.shownProblems).dropFirst(reportedCount).map { "\(path): \($0)" }
        let more = decoder.problemCount - max(reportedCount, Self.shownProblems)
        if more > 0 { notes.append("\(path): \(more) more problems") }
        return notes
    }
}

extension UInt8 {
    fileprivate var isSpace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }
}
