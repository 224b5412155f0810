import SpanKitInputs
import SpanKitPlatform
import SpanKitReports
import SpanKitSummaries

/// The log records of a file that grows, or of standard input.
struct FollowedFile {
    private static let shownProblems = 5

    private let path: String
    private let selection: SpanSelection
    private var file: GrowingFile
    private var decoder = TraceDecoder(reads: .logs)
    private var isFirst = true
    private var reportedCount = 0
    /// Whether everything that is in the file so far was read.
    var isAtEnd: Bool { file.isAtEnd }
    /// Whether no more can come: standard input was closed.
    var hasEnded: Bool { file.hasEnded }

    /// - Throws: ``CommandFailure`` if the file cannot be opened.
    init(_ path: String, _ selection: SpanSelection) throws(CommandFailure) {
        self.path = path
        self.selection = selection
        do { file = try GrowingFile(path) } catch { throw CommandFailure(.data, error.description) }
    }

    /// Reads the next bytes.
    /// - Returns: What was read; `nil` if there are no bytes now.
    mutating func next() throws(CommandFailure) -> SelectedLogs? {
        let next: GrowingFile.Part?
        do { next = try file.next() } catch { throw CommandFailure(.data, error.description) }
        switch next {
        case nil: return nil
        case .restart(let wasEmptied):
            StandardStreams.note(
                "\(path): the file was \(wasEmptied ? "emptied" : "replaced"); reading it from its start"
            )
            let rest = finish()
            decoder = TraceDecoder(reads: .logs)
            (isFirst, reportedCount) = (true, 0)
            return rest ?? SelectedLogs(selection)
        case .bytes(let bytes):
            if isFirst, GrowingFile.isCompressed(bytes) {
                throw CommandFailure(.data, "\(path): is compressed; --follow reads files without compression")
            }
            isFirst = false
            var part = SelectedLogs(selection)
            decoder.decode(bytes) { part.add($0) }
            for log in decoder.takeLogs() { part.add(log) }
            reportProblems()
            return part
        }
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

    private mutating func reportProblems() {
        let problems = decoder.problems
        for problem in problems.prefix(Self.shownProblems).dropFirst(reportedCount) {
            StandardStreams.note("\(path): \(problem)")
        }
        reportedCount = problems.count
    }
}
