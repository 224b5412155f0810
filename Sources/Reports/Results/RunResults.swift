import SpanKitPercentiles
import SpanKitSummaries

/// The content of one or more results files, merged into one run.
///
/// A profiler's files (``OperationsJSON``) contain the durations of operations. A program that writes more into its files, such as
/// conversations, provides a ``Reader`` that makes reports of them.
package struct RunResults: Sendable {
    /// Reads files that contain more than operations.
    package typealias Reader =
        @Sendable (_ files: [(file: String, json: [UInt8])]) throws(ResultsFileError) -> RunResults

    /// The operations with the merged histograms of all files.
    package let operations: [OperationSnapshot]
    package var totals: TraceTotals
    package var calls = ModelCallTotals()
    /// The bottlenecks; `nil` if the files do not contain the call tree.
    package var analysis: BottleneckAnalysis?
    /// The additions to the HTML page.
    package var page = HTMLReport.Addition()
    /// The output of `spankit summary`.
    package var summary: @Sendable (TerminalStyle) -> String
    /// The content of `spankit summary --format json`.
    package var content: any Encodable & Sendable

    /// Creates the results of files that contain only operations.
    /// - Parameter fileCount: The number of files.
    package init(_ operations: [OperationSnapshot], fileCount: Int) {
        self.operations = operations
        totals = TraceTotals(operations, count: (fileCount, noun: "file"))
        summary = { OperationSummary.text(for: operations, style: $0) }
        content = OperationsJSON(operations)
    }

    /// Whether ``init(_:reader:)`` can read a file.
    package static func isReadable(_ json: [UInt8]) -> Bool {
        (try? ResultsFile.decode(OperationsFile.self, json, file: "").snapshots("")) != nil
    }

    /// Reads and merges results files.
    /// - Parameter reader: Reads files that contain more than operations. Without it, only their operations are read.
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
                throw .notMergeable(
                    file: files.last?.file ?? "",
                    reason: "some of the files contain only operations; give files of one kind"
                )
            }
            self = try reader(files)
        } else {
            self.init(merged, fileCount: files.count)
        }
    }
}

/// The part of a results file that is the same for all programs.
private struct OperationsFile: Decodable {
    struct Aggregate: Decodable {
        var operations: [OperationsJSON.Operation]
    }

    /// The operations in a profiler's file.
    var operations: [OperationsJSON.Operation]?
    /// The operations in a file with scenarios.
    var aggregate: Aggregate?

    func snapshots(_ file: String) throws(ResultsFileError) -> [OperationSnapshot] {
        guard let operations = operations ?? aggregate?.operations else {
            throw .invalid(file: file, field: "operations", reason: "this field is missing")
        }
        return operations.map(\.snapshot)
    }
}
