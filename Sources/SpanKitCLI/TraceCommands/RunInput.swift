import Foundation
import SpanKitReports

/// Reads a run from traces or results files.
enum RunInput {
    /// A results file with its name.
    typealias File = (name: String, json: [UInt8])

    /// Reads a results file or a file of traces.
    static func read(_ file: String) throws -> RunStatistics {
        if let results = results(file) {
            // Only durations are compared, so the reader of other content is not needed.
            return RunStatistics(name: results.name, try merged([results], reader: nil).operations)
        }
        var totals = TraceTotals()
        var problemCount = 0
        let spanCount = try TraceInput.assemble(from: { problemCount = try TraceInput.read(file, $0) }) {
            totals.add($0, names: $1)
        }.spanCount
        guard spanCount > 0 else {
            let reason = problemCount > 0 ? "no spans could be read" : "contains no spans"
            throw CommandFailure(.data, "\(file): \(reason); give OTLP JSON lines or a results file")
        }
        return RunStatistics(name: name(of: file), totals)
    }

    /// The name of a file in reports.
    static func name(of file: String) -> String {
        file == "-" ? "standard input" : URL(filePath: file).lastPathComponent
    }

    /// Separates results files from other files.
    static func separated(_ files: [String]) -> (results: [File], others: [String]) {
        var (results, others) = ([File](), [String]())
        for file in files {
            if let one = self.results(file) { results.append(one) } else { others.append(file) }
        }
        return (results, others)
    }

    /// Merges results files into one run.
    static func merged(
        _ files: [File],
        reader: RunResults.Reader? = SpanKitCommand.resultsReader
    ) throws(CommandFailure) -> RunResults {
        do { return try RunResults(files.map { (file: $0.name, json: $0.json) }, reader: reader) } catch {
            throw CommandFailure(.data, error.description)
        }
    }

    /// Reads a results file; `nil` if the file is something else.
    static func results(_ file: String) -> File? {
        // A results file takes a few hundred kilobytes. Traces may be of any size and are not read at once.
        let largest = 64 * 1_024 * 1_024
        guard file != "-", let input = try? InputFile(file), input.kind == .json,
            let size = try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int, size <= largest,
            let json = try? ResultsFile.bytes(of: file), RunResults.isReadable(json)
        else { return nil }
        return (name(of: file), json)
    }
}
