import SpanKitInputs
import SpanKitPrometheusText
import Testing

@Suite("Several files in one directory")
struct ExpositionConflictTests {
    private func conflicts(_ files: (String, String)...) -> [String] {
        ExpositionText.conflicts(in: files.map { (file: $0.0, text: Array($0.1.utf8)) }).map(\.description)
    }

    @Test("another HELP, another TYPE and the same series are said, with the file that loses")
    func conflicts() {
        let first = "# HELP a h\n# TYPE a gauge\na{b=\"1\"} 1\n"
        #expect(conflicts(("y.prom", first), ("x.prom", first.replacing("a{b=\"1\"}", with: "a{b=\"2\"}"))) == [])
        #expect(
            conflicts(("y.prom", first), ("x.prom", first.replacing(" h\n", with: " other\n"))) == [
                "a has one HELP in x.prom and another in y.prom; node_exporter drops that of y.prom; make them the same"
            ]
        )
        #expect(
            conflicts(("y.prom", first), ("x.prom", first.replacing("gauge", with: "counter"))) == [
                "a has one TYPE in x.prom and another in y.prom; node_exporter drops that of y.prom; make them the same"
            ]
        )
        #expect(
            conflicts(("y.prom", first), ("x.prom", first)) == [
                "a has the same series in x.prom and y.prom; node_exporter drops that of y.prom; tell them apart by a label"
            ]
        )
    }

    @Test("a file without HELP conflicts with one that has it")
    func missingHelp() {
        #expect(conflicts(("x.prom", "a{b=\"1\"} 1\n"), ("y.prom", "# HELP a h\na{b=\"2\"} 1\n")).count == 1)
    }

    @Test("files that cannot be read conflict with nothing")
    func unreadable() {
        #expect(conflicts(("x.prom", "not a sample\n"), ("y.prom", "")) == [])
    }
}
