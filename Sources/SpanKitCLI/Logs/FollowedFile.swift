import Foundation
import SpanKitInputs
import SpanKitPlatform
import SpanKitReports
import SpanKitSummaries

/// A file that grows, or standard input. If the file is replaced or emptied, it is read from its start.
struct FollowedFile {
    private static let shownProblems = 5

    private let path: String
    private let selection: SpanSelection
    private var input: InputBytes
    private var decoder = TraceDecoder(reads: .logs)
    private var file: (device: dev_t, number: ino_t)?
    private var byteCount = 0
    private var reportedCount = 0
    /// Whether everything that is in the file so far was read.
    private(set) var isAtEnd = false
    /// Whether no more can come: standard input was closed.
    private(set) var hasEnded = false

    /// - Throws: ``CommandFailure`` if the file cannot be opened.
    init(_ path: String, _ selection: SpanSelection) throws(CommandFailure) {
        self.path = path
        self.selection = selection
        input = try Self.open(path)
        file = Self.identity(of: path)?.file
    }

    private static func open(_ path: String) throws(CommandFailure) -> InputBytes {
        do { return try InputBytes(path: path, decompresses: false) } catch {
            throw CommandFailure(.data, error.description)
        }
    }

    /// Reads the next bytes.
    /// - Returns: What was read; `nil` if there are no bytes now.
    mutating func next() throws(CommandFailure) -> SelectedLogs? {
        guard !hasEnded else { return nil }
        if isStream, input.wouldWait {
            isAtEnd = true
            return nil
        }
        let bytes: [UInt8]?
        do { bytes = try input.next() } catch { throw CommandFailure(.data, error.description) }
        guard let bytes else {
            isAtEnd = true
            if isStream { hasEnded = true } else { return try reopen() }
            return nil
        }
        isAtEnd = false
        if byteCount == 0, bytes.starts(with: [0x1F, 0x8B]) || bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            throw CommandFailure(.data, "\(path): is compressed; --follow reads files without compression")
        }
        byteCount += bytes.count
        var part = SelectedLogs(selection)
        decoder.decode(bytes) { part.add($0) }
        for log in decoder.takeLogs() { part.add(log) }
        reportProblems()
        return part
    }

    /// Ends the input.
    /// - Returns: What was read of an object that is not complete.
    mutating func finish() -> SelectedLogs? {
        var part = SelectedLogs(selection)
        // Another program may still be writing the object, so an incomplete object is not a problem.
        let known = decoder.problemCount
        decoder.finish { part.add($0) }
        for log in decoder.takeLogs() { part.add(log) }
        let more = max(known, reportedCount) - Self.shownProblems
        if more > 0 { StandardStreams.note("\(path): \(Readable.count(more, of: "more problem"))") }
        if decoder.otherSignalCount > 0 {
            let objects = Readable.count(decoder.otherSignalCount, of: "object")
            let verb = decoder.otherSignalCount == 1 ? "is" : "are"
            StandardStreams.note("\(path): \(objects) with metrics \(verb) left out; only spans and logs are read")
        }
        return part.elementCount > 0 ? part : nil
    }

    /// Opens the file again if another one has its name or if it was emptied.
    private mutating func reopen() throws(CommandFailure) -> SelectedLogs? {
        guard let now = Self.identity(of: path), let file else { return nil }
        let isSame = file.device == now.file.device && file.number == now.file.number
        guard !isSame || now.size < byteCount else { return nil }
        StandardStreams.note("\(path): the file was \(isSame ? "emptied" : "replaced"); reading it from its start")
        let rest = finish()
        input = try Self.open(path)
        decoder = TraceDecoder(reads: .logs)
        (self.file, byteCount, reportedCount) = (now.file, 0, 0)
        return rest ?? SelectedLogs(selection)
    }

    private mutating func reportProblems() {
        let problems = decoder.problems
        for problem in problems.prefix(Self.shownProblems).dropFirst(reportedCount) {
            StandardStreams.note("\(path): \(problem)")
        }
        reportedCount = problems.count
    }

    /// Whether the input is a pipe or a terminal. Its end is final, because it cannot grow later.
    private var isStream: Bool { path == "-" || file == nil }

    /// The identity and the size of a regular file; `nil` for anything else.
    private static func identity(of path: String) -> (file: (device: dev_t, number: ino_t), size: Int)? {
        var status = stat()
        guard path != "-", stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return ((status.st_dev, status.st_ino), Int(status.st_size))
    }
}
