import Foundation
import SpanKitReports

/// Reads a run, whichever way it was written down.
enum RunInput {
    /// A results file with its name.
    typealias File = (name: String, json: [UInt8])

    /// A results file, or traces.
    static func read(_ file: String) throws -> RunStatistics {
        let name = file == "-" ? "standard input" : URL(filePath: file).lastPathComponent
        if let results = results(file) {
            // How long operations took is all there is to compare.
            return RunStatistics(name: name, try merged([results], reader: nil).operations)
        }
        var assembler = TraceAssembler()
        var totals = TraceTotals()
        let problems = try TraceInput.read(file) { span in
            assembler.add(span) { totals.add($0, names: $1) }
        }
        assembler.finish { totals.add($0, names: $1) }
        guard assembler.spanCount > 0 else {
            throw CommandFailure(
                .data,
                "\(file): \(problems > 0 ? "no spans could be read" : "holds no spans"); give OTLP JSON lines or a results file"
            )
        }
        assembler.noteParts()
        return RunStatistics(name: name, totals)
    }

    /// Tells results files from others, in the order they were given.
    static func parted(_ files: [String]) -> (results: [File], others: [String]) {
        var (results, others) = ([File](), [String]())
        for file in files {
            if let one = self.results(file) { results.append(one) } else { others.append(file) }
        }
        return (results, others)
    }

    /// Several results files as one run.
    static func merged(
        _ files: [File],
        reader: RunResults.Reader? = SpanKitCommand.resultsReader
    ) throws(CommandFailure) -> RunResults {
        do { return try RunResults(files.map { (file: $0.name, json: $0.json) }, reader: reader) } catch {
            throw CommandFailure(.data, error.description)
        }
    }

    /// A results file; nil for any other file.
    static func results(_ file: String) -> File? {
        // A results file takes a few hundred kilobytes; traces of any size are not to be read at once.
        let largest = 64 * 1_024 * 1_024
        guard file != "-", let input = try? InputFile(file), input.kind == .json,
            let size = try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int, size <= largest,
            let json = try? ResultsFile.bytes(of: file), RunResults.isReadable(json)
        else { return nil }
        return (URL(filePath: file).lastPathComponent, json)
    }
}
