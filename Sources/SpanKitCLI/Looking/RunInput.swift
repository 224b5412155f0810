import Foundation
import Reports

/// Reads a run, whichever way it was written down.
enum RunInput {
    /// A results file of `spankit profile`, or traces.
    static func read(_ file: String) throws -> RunStatistics {
        let name = file == "-" ? "standard input" : URL(filePath: file).lastPathComponent
        if let results = results(file) {
            return RunStatistics(name: name, results.aggregate.operations.map(\.snapshot))
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
    static func parted(_ files: [String]) -> (results: [(file: String, results: ProfilingResults)], others: [String]) {
        var (results, others) = ([(file: String, results: ProfilingResults)](), [String]())
        for file in files {
            if let one = self.results(file) {
                results.append((URL(filePath: file).lastPathComponent, one))
            } else {
                others.append(file)
            }
        }
        return (results, others)
    }

    /// Several results files as one.
    static func merged(_ results: [(file: String, results: ProfilingResults)]) throws(CommandFailure) -> MergedResults {
        do { return try MergedResults(results) } catch { throw CommandFailure(.data, error.description) }
    }

    /// What a results file holds; nil for any other file.
    static func results(_ file: String) -> ProfilingResults? {
        // A results file takes a few hundred kilobytes; traces of any size are not to be read at once.
        let largest = 64 * 1_024 * 1_024
        guard file != "-", let input = try? InputFile(file), input.kind == .json,
            let size = try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int, size <= largest
        else { return nil }
        return try? ProfilingResults(contentsOf: file)
    }
}
