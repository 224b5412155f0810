import SpanKitInputs
import SpanKitPrometheusText
import Testing

@Suite("Several files in one directory")
struct ExpositionConflictTests {
    private func conflicts(_ files: (String, String)...) -> [String] {
        ExpositionText.conflicts(in: files.map { (file: $0.0, text: Array($0.1.utf8)) }).map(\.description)
    }

    @Test("conflicts of HELP, TYPE and series are reported, with the file whose metric is dropped")
    func conflicts() {
        let first = "# HELP a h\n# TYPE a gauge\na{b=\"1\"} 1\n"
        #expect(conflicts(("y.prom", first), ("x.prom", first.replacing("a{b=\"1\"}", with: "a{b=\"2\"}"))) == [])
        #expect(
            conflicts(("y.prom", first), ("x.prom", first.replacing(" h\n", with: " other\n"))) == [
                "a has one HELP in x.prom and another in y.prom; node_exporter 1.11.1 drops the metric of y.prom; make them the same"
            ]
        )
        #expect(
            conflicts(("y.prom", first), ("x.prom", first.replacing("gauge", with: "counter"))) == [
                "a has one TYPE in x.prom and another in y.prom; node_exporter 1.11.1 drops the metric of y.prom; make them the same"
            ]
        )
        #expect(
            conflicts(("y.prom", first), ("x.prom", first)) == [
                "a has the same series in x.prom and y.prom; node_exporter 1.11.1 drops the series of y.prom; tell them apart by a label"
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

    private func outcomes(_ version: String, _ files: (String, String)...) throws -> [String] {
        let texts = files.map { (file: $0.0, text: Array($0.1.utf8)) }
        return try ExpositionText.conflicts(in: texts, for: #require(NodeExporterVersion(version)))
            .map { "\($0.subject) \($0.files[1]) \($0.outcome == .panics ? "panics" : "drops")" }
    }

    @Test(
        "After two HELP lines that differ, later files lose the family, and one without HELP makes newer versions panic"
    )
    func threeHelps() throws {
        func files(_ last: String) -> [(String, String)] {
            [("x.prom", "# HELP a h\na{f=\"x\"} 1\n"), ("y.prom", "# HELP a i\na{f=\"y\"} 1\n"), ("z.prom", last)]
        }
        for (version, without, same) in [
            ("1.5.0", "help z.prom drops", []), ("1.9.0", "help z.prom panics", ["help z.prom drops"]),
            ("1.11.1", "help z.prom panics", ["help z.prom drops"]),
        ] {
            let first = files("a{f=\"z\"} 1\n")
            #expect(try outcomes(version, first[0], first[1], first[2]) == ["help y.prom drops", without])
            let second = files("# HELP a h\na{f=\"z\"} 1\n")
            #expect(try outcomes(version, second[0], second[1], second[2]) == ["help y.prom drops"] + same)
        }
    }

    @Test("A histogram and a counter with the name of its count conflict across files")
    func suffixes() throws {
        let histogram = "# HELP h h\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n"
        for version in VersionedExposition.versions {
            #expect(
                try outcomes(version, ("x.prom", histogram), ("y.prom", "# HELP h_count c\nh_count 7\n")) == [
                    "name y.prom drops"
                ]
            )
            #expect(
                try outcomes(version, ("x.prom", "# HELP h_sum c\nh_sum 7\n"), ("y.prom", histogram)) == [
                    "name y.prom drops"
                ]
            )
            #expect(try outcomes(version, ("x.prom", histogram), ("y.prom", "# HELP h_max c\nh_max 7\n")) == [])
        }
    }
}
