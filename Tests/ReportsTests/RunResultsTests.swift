import SpanKitPercentiles
import SpanKitSummaries
import Testing

@testable import SpanKitReports

@Suite("Results files of any program")
struct RunResultsTests {
    private static func operation(_ name: String, _ nanoseconds: UInt64) -> OperationSnapshot {
        var histogram = ExponentialHistogram()
        histogram.record(nanoseconds: nanoseconds)
        return OperationSnapshot(name: name, histogram: histogram)
    }

    private func plain(_ operations: OperationSnapshot...) throws -> (file: String, json: [UInt8]) {
        ("plain.json", try OperationsJSON(operations).json())
    }

    /// As `spankit profile` writes it.
    private func rich(_ operations: OperationSnapshot...) throws -> (file: String, json: [UInt8]) {
        let json = String(decoding: try OperationsJSON(operations).json(), as: UTF8.self)
        return ("rich.json", Array(#"{"formatVersion":1,"scenarios":[],"aggregate":\#(json)}"#.utf8))
    }

    private static let reader: RunResults.Reader = { files in
        var results = RunResults([operation("read by the reader", 1)], fileCount: files.count)
        results.calls = ModelCallTotals()
        return results
    }

    @Test("The operations of a profiler's files are merged")
    func plainFiles() throws {
        let files = [try plain(Self.operation("a", 5)), try plain(Self.operation("a", 7), Self.operation("b", 1))]
        for reader in [nil, Self.reader] {
            let results = try RunResults(files, reader: reader)
            #expect(results.operations.map(\.name).sorted() == ["a", "b"])
            #expect(results.operations.first { $0.name == "a" }?.histogram.sumNanoseconds == 12)
            #expect(results.analysis == nil, "nothing says what contains what")
            let top = TopReport(results.totals)
            #expect(!top.listing.markdown.contains("Self"))
            #expect(top.listing.json.compact.contains(#""self_ns":null,"self_fraction":null"#))
            #expect(top.text(style: TerminalStyle()).hasPrefix("Operations by total time  3 spans · 2 files"))
            #expect(results.summary(TerminalStyle()).contains("Operations by total time"))
            #expect(try readableJSON(results.content) == OperationsJSON(results.operations).json())
        }
    }

    @Test("Files with more than operations are passed to their reader; without one their operations are read")
    func richFiles() throws {
        let files = [try rich(Self.operation("a", 5))]
        #expect(try RunResults(files, reader: nil).operations.map(\.name) == ["a"])
        #expect(try RunResults(files, reader: Self.reader).operations.map(\.name) == ["read by the reader"])
    }

    @Test("Files of different kinds cannot be merged")
    func mixed() throws {
        let files = [try rich(Self.operation("a", 5)), try plain(Self.operation("a", 5))]
        #expect(throws: ResultsFileError.self) { try RunResults(files, reader: Self.reader) }
    }

    @Test(
        "The error for a file that is not a results file contains its name",
        arguments: ["{}", "[1]", #"{"formatVersion":1}"#]
    )
    func others(text: String) {
        let error = #expect(throws: ResultsFileError.self) {
            try RunResults([(file: "x.json", json: Array(text.utf8))], reader: nil)
        }
        #expect(error?.description.hasPrefix("x.json: ") == true)
        #expect(!RunResults.isReadable(Array(text.utf8)))
    }
}
