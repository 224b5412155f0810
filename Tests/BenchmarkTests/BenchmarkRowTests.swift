import Foundation
import SpanKitBenchmarkRows
import SpanKitTestSupport
import Testing

@Suite("Rows of benchmark results")
struct BenchmarkRowTests {
    /// A row whose samples in each run have these ratios.
    static func row(_ name: String, _ runs: [[Double]], unit: BenchmarkUnit = .seconds, bar: Double? = nil)
        -> BenchmarkRow
    {
        let samples = runs.map { $0.map { BenchmarkRow.Sample(measured: $0 * 2e-9, reference: 2e-9) } }
        return BenchmarkRow(name, unit: unit, bar: bar, runs: samples)
    }

    static let results = BenchmarkResults(
        machine: "a processor, 2 cores, Linux",
        build: "abc1234, Swift 6.3",
        rows: [
            row("hot / floor", [[4.1, 4.0], [4.2, 4.3]], bar: 4.5),
            BenchmarkRow(
                "slow / floor",
                unit: .seconds,
                bar: 1,
                reason: "the floor varies",
                runs: [
                    [.init(measured: 3.42e-6, reference: 819e-9)]
                ]
            ),
            BenchmarkRow("burst: lost / all", measured: 0, reference: 200_000, unit: .spans, bar: 0, isShare: true),
            BenchmarkRow(
                "textfile / one core",
                measured: 0.0049,
                reference: 1,
                unit: .seconds,
                bar: 0.005,
                isShare: true
            ),
            BenchmarkRow("memory / 64 MiB", measured: 58_040_320, reference: 67_108_864, unit: .bytes, bar: 0.5),
            BenchmarkRow("bytes per operation / before", measured: 119_624, reference: 119_624, unit: .bytes, bar: 1),
            BenchmarkRow("allocations per span / one", measured: 0.00005, reference: 1, unit: .allocations, bar: 0.001),
        ]
    )

    @Test("the table shows units, percentages, bars and reasons")
    func table() throws {
        try Golden.expect(BenchmarkTable.text(of: Self.results.rows), "table.txt")
    }

    @Test("the file of results keeps its shape, and is read back")
    func json() throws {
        let json = try Self.results.json()
        try Golden.expect(String(decoding: json, as: UTF8.self), "results.json")
        let folder = TemporaryFolder()
        let path = "\(folder.path)/results.json"
        try json.write(to: URL(filePath: path))
        #expect(try BenchmarkResults(file: path) == Self.results)
    }

    @Test(
        "files that are no results are refused",
        arguments: [
            ("{}", "is not a file of benchmark results"), ("[1", "is not a file of benchmark results"),
            (
                #"{"build": "", "machine": "", "rows": [], "schema": "spankit.benchmarks/9"}"#,
                "schema 'spankit.benchmarks/9'"
            ),
            (
                #"{"build":"","machine":"","rows":[{"name":"a","unit":"seconds","isShare":false,"runs":[]}],"schema":"spankit.benchmarks/1"}"#,
                "the row 'a' has no samples"
            ),
        ]
    )
    func refused(text: String, problem: String) throws {
        let folder = TemporaryFolder()
        let path = "\(folder.path)/results.json"
        try Data(text.utf8).write(to: URL(filePath: path))
        let error = #expect(throws: BenchmarkError.self) { try BenchmarkResults(file: path) }
        #expect(error?.description.contains(problem) == true && error?.description.contains("make bench") == true)
        #expect(throws: BenchmarkError.self) { try BenchmarkResults(file: "\(folder.path)/missing.json") }
    }

    @Test("runs of several processes are joined; the result is that of the run with the median ratio")
    func runs() throws {
        var results = BenchmarkResults(machine: "", build: "", rows: [Self.row("a", [[3, 2.5, 9]])])
        try results.add(BenchmarkResults(machine: "", build: "", rows: [Self.row("a", [[7, 8]])]))
        try results.add(BenchmarkResults(machine: "", build: "", rows: [Self.row("a", [[4]])]))
        #expect(results.runCount == 3)
        #expect(results.rows[0].result.ratio == 4)
        let other = BenchmarkResults(machine: "", build: "", rows: [Self.row("b", [[1]])])
        #expect(throws: BenchmarkError.self) { try results.add(other) }
        results.rows.append(results.rows[0])
        #expect(results.repeatedName == "a")
    }

    @Test("both functions run alternately, as often as asked for")
    func alternately() {
        var calls = ""
        let row = BenchmarkRow.compare(
            "a / b",
            bar: nil,
            units: 2,
            repetitions: 20,
            measured: { calls += "m" },
            reference: { calls += "r" }
        )
        #expect(calls == String(repeating: "rm", count: 20))
        #expect(row.runs.map(\.count) == [BenchmarkRow.sampleCount])
        #expect(row.samples.allSatisfy { $0.measured.isFinite && $0.reference.isFinite })
    }

    @Test(
        "numbers have three significant digits",
        arguments: [
            (0, "0"), (1, "1"), (0.00499, "0.00499"), (0.784, "0.784"), (1.984, "1.98"), (76.17, "76.2"),
            (999.6, "1,000"),
            (119_624, "119,624"), (-1_234.5, "-1,235"), (.infinity, "∞"), (0.05, "0.0500"), (12, "12"),
        ] as [(Double, String)]
    )
    func numbers(number: Double, text: String) {
        #expect(significant(number) == text)
    }

    @Test(
        "each unit has its text",
        arguments: [
            (.seconds, 62.1e-9, "62.1 ns"), (.seconds, 3.42e-6, "3.42 µs"), (.seconds, 0.0098, "9.80 ms"),
            (.seconds, 1, "1 s"),
            (.seconds, 0, "0 s"), (.bytes, 55.42, "55.4 B"), (.bytes, 119_624, "119,624 B"),
            (.bytes, 58_040_320, "58.0 MB"),
            (.spans, 1, "1 span"), (.spans, 200_000, "200,000 spans"), (.allocations, 0, "0 allocations"),
        ] as [(BenchmarkUnit, Double, String)]
    )
    func units(unit: BenchmarkUnit, number: Double, text: String) {
        #expect(unit.text(number) == text)
    }
}
