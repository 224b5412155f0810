import SpanKitPercentiles
import SpanKitSummaries

/// What results files tell, several of them taken together as one run.
///
/// Files of a profiler (``OperationsJSON``) tell how long operations took. Whoever writes more into its files, such as what
/// contains what and who said what, makes of them what is shown of it.
package struct RunResults: Sendable {
    /// Reads the files of a run that tell more than operations.
    package typealias Reader =
        @Sendable (_ files: [(file: String, json: [UInt8])]) throws(ResultsFileError) -> RunResults

    /// Histograms of all files merged.
    package let operations: [OperationSnapshot]
    package var totals: TraceTotals
    /// Calls of language models.
    package var calls = ModelCallTotals()
    /// Nil where it is not known which operation contains which.
    package var analysis: BottleneckAnalysis?
    /// What is added to the HTML page.
    package var page = HTMLReport.Addition()
    /// What `spankit summary` prints.
    package var summary: @Sendable (TerminalStyle) -> String
    /// The same as JSON.
    package var json: @Sendable () throws -> [UInt8]

    /// Of operations alone.
    /// - Parameter fileCount: how many files they came from.
    package init(_ operations: [OperationSnapshot], fileCount: Int) {
        self.operations = operations
        totals = TraceTotals(operations, count: (fileCount, noun: "file"))
        summary = { OperationSummary.text(for: operations, style: $0) }
        json = { try OperationsJSON(operations).json() }
    }

    /// Whether a file is one that ``init(_:reader:)`` reads.
    package static func isReadable(_ json: [UInt8]) -> Bool {
        (try? ResultsFile.decode(OperationsFile.self, json, file: "").snapshots("")) != nil
    }

    /// Reads files.
    /// - Parameter reader: for files that tell more than operations; without one their operations are read all the same.
    package init(
        _ files: [(file: String, json: [UInt8])],
        reader: Reader?
    ) throws(ResultsFileError) {
        var merged: [OperationSnapshot] = []
        var plainCount = 0
        for (file, json) in files {
            let read = try ResultsFile.decode(OperationsFile.self, json, file: file)
            if read.operations != nil { plainCount += 1 }
            let snapshots = try read.snapshots(file)
            do { try merged.merge(snapshots) } catch { throw .notMergeable(file: file, reason: error.description) }
        }
        if let reader, plainCount < files.count {
            guard plainCount == 0 else {
                throw .notMergeable(file: files.last?.file ?? "", reason: "some have operations only, some more")
            }
            self = try reader(files)
        } else {
            self.init(merged, fileCount: files.count)
        }
    }
}

/// A results file as far as everybody understands it.
private struct OperationsFile: Decodable {
    struct Aggregate: Decodable {
        var operations: [OperationsJSON.Operation]
    }

    /// Of a profiler's file.
    var operations: [OperationsJSON.Operation]?
    /// Of a file with scenarios.
    var aggregate: Aggregate?

    func snapshots(_ file: String) throws(ResultsFileError) -> [OperationSnapshot] {
        guard let operations = operations ?? aggregate?.operations else {
            throw .invalid(file: file, field: "operations", reason: "this field is missing")
        }
        return operations.map(\.snapshot)
    }
}
