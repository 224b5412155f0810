import Foundation
import SpanKitReports
import SpanKitTestSupport
import Testing

@testable import SpanKitCoachProfiling

@Suite("docs/results-file.md")
struct ResultsFileDocumentTests {
    @Test("The document lists exactly the fields that the encoder writes")
    func fields() throws {
        let json = try JSONSerialization.jsonObject(with: Data(try SampleResults.results().json()))
        var written: Set<String> = []
        collect(json, at: "", into: &written)
        let documented = try documentedFields()
        #expect(written.subtracting(documented).sorted() == [], "written, not documented")
        #expect(documented.subtracting(written).sorted() == [], "documented, not written")
    }

    @Test("The document lists every value of an enumeration")
    func words() throws {
        let document = try document()
        let words =
            StepGroup.allCases.map(\.rawValue) + ModelOutlier.Measure.allCases.map(\.rawValue)
            + ["completed", "interrupted", "failed", "confirmed", "refuted", "tooLittleData"]
        for word in words { #expect(document.contains("`\(word)`"), "\(word)") }
        let rules = try PackageFiles.text("docs/analyzing-traces.md")
        for rule in ImprovementRule.allCases { #expect(rules.contains("| `\(rule)` |"), "\(rule)") }
    }

    /// Collects paths such as `scenarios[].messages[].index`. The path of a table with free keys ends in `.*`.
    private func collect(_ value: Any, at path: String, into fields: inout Set<String>) {
        if let object = value as? [String: Any] {
            for (key, member) in object {
                let isFree = path.hasSuffix("findingCounts")
                let name = isFree ? "\(path).*" : path.isEmpty ? key : "\(path).\(key)"
                fields.insert(name)
                collect(member, at: name, into: &fields)
            }
        } else if let list = value as? [Any] {
            for element in list { collect(element, at: path + "[]", into: &fields) }
        }
    }

    /// The field names in the first cells of table rows. Operations are described once for both places.
    private func documentedFields() throws -> Set<String> {
        var fields: Set<String> = []
        for match in try document().matches(of: #/^\|\s`([A-Za-z0-9\[\].*]+)`/#.anchorsMatchLineEndings()) {
            let name = String(match.1)
            if name.hasPrefix("operations[]") {
                fields.insert("scenarios[].\(name)")
                fields.insert("aggregate.\(name)")
            } else {
                fields.insert(name)
            }
        }
        return fields
    }

    private func document() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/results-file.md"), encoding: .utf8)
    }
}
