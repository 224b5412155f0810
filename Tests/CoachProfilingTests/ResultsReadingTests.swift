import Foundation
import SpanKitReports
import Testing

@testable import SpanKitCoachProfiling

@Suite("Reading results files")
struct ResultsReadingTests {
    @Test("Written results are read back unchanged")
    func roundTrip() throws {
        let results = try SampleResults.results()
        let read = try ProfilingResults(json: try results.json(), file: "a.json")
        #expect(try read.json() == results.json())
    }

    @Test("The error for a newer format names both versions")
    func newerVersion() {
        let error = #expect(throws: ResultsFileError.self) {
            _ = try ProfilingResults(
                json: Array(#"{"formatVersion": 7, "scenarios": "unknown shape"}"#.utf8),
                file: "new.json"
            )
        }
        #expect(error == .newerVersion(file: "new.json", version: 7, newestKnown: 1))
        #expect(
            error?.description
                == "new.json: has format version 7, but this spankit reads up to version 1; use a newer spankit"
        )
    }

    @Test("The error names the first byte that is not UTF-8", arguments: [0, 17, 400])
    func invalidUTF8(offset: Int) throws {
        var bytes = try SampleResults.results().json()
        bytes[offset] = 0xFF
        #expect(throws: ResultsFileError.notUTF8(file: "a.json", offset: offset)) {
            _ = try ProfilingResults(json: bytes, file: "a.json")
        }
    }

    @Test(
        "A file that is not JSON gives its own error",
        arguments: ["", " ", "{", "[1,", "hello", "\u{0}"]
    )
    func notJSON(text: String) {
        let error = #expect(throws: ResultsFileError.self) {
            _ = try ProfilingResults(json: Array(text.utf8), file: "a.json")
        }
        #expect(error?.description.hasPrefix("a.json: is not JSON: ") == true, "\(String(describing: error))")
    }

    @Test(
        "The error names the position in the JSON",
        arguments: [
            ("", "a.json: is not JSON: it is empty; was it copied completely?"),
            ("{\n  \"a\": [", "a.json: is not JSON: it is cut off at line 2, column 9; was it copied completely?"),
            ("{\n  \"a\": ?}", "a.json: is not JSON: invalid value at line 2, column 8; was it copied completely?"),
        ]
    )
    func syntaxPosition(text: String, message: String) {
        let error = #expect(throws: ResultsFileError.self) {
            _ = try ProfilingResults(json: Array(text.utf8), file: "a.json")
        }
        #expect(error?.description == message)
    }

    @Test(
        "A truncated file gives an error of one line",
        arguments: Array(stride(from: 1, to: 40, by: 3))
    )
    func truncated(fortieth: Int) throws {
        let bytes = try SampleResults.results(scenarios: 1, messagesPerScenario: 2).json()
        let error = #expect(throws: ResultsFileError.self) {
            _ = try ProfilingResults(json: Array(bytes[..<(bytes.count * fortieth / 40)]), file: "a.json")
        }
        #expect(error?.description.hasPrefix("a.json: is not JSON") == true)
        #expect(error?.description.contains("\n") == false)
    }

    @Test(
        "The error names the path of a wrong field",
        arguments: [
            (
                #""processorCount" : 2"#, #""processorCount" : "two""#,
                "environment.processorCount: is not a whole number"
            ),
            (#""processorCount" : 2"#, #""processors" : 2"#, "environment.processorCount: this field is missing"),
            (#""outcome" : "failed""#, #""outcome" : "perfect""#, "outcome: cannot initialize"),
            (#""formatVersion" : 1"#, #""formatVersion" : 0"#, "formatVersion: there is no version 0"),
            (#""formatVersion" : 1"#, #""formatVersion" : "1""#, "formatVersion: is not a whole number"),
            (#""index" : 1,"#, #""index" : null,"#, "scenarios[1].messages[0].index: is null"),
            (#""histogram" : ""#, #""histogram" : "?"#, "histogram: is not base64"),
            (
                #""histogram" : "U"#, #""histogram" : "V"#,
                "scenarios[1].operations[13].histogram: serialized histogram, byte"
            ),
            (
                "\"count\" : 12,\n          \"errorCount\"", "\"count\" : 11,\n          \"errorCount\"",
                "scenarios[1].operations[13].count: is 11, but the histogram contains 12 durations"
            ),
        ]
    )
    func wrongField(original: String, replacement: String, message: String) throws {
        let text = String(decoding: try SampleResults.results().json(), as: UTF8.self)
        let range = try #require(text.range(of: original, options: .backwards))
        let changed = text.replacingCharacters(in: range, with: replacement)
        let error = #expect(throws: ResultsFileError.self) {
            _ = try ProfilingResults(json: Array(changed.utf8), file: "a.json")
        }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
        #expect(error?.description.contains("\n") == false)
    }

    @Test("A damaged byte gives a result or an error")
    func damaged() throws {
        let bytes = try SampleResults.results(scenarios: 1, messagesPerScenario: 1).json()
        for offset in stride(from: 0, to: bytes.count, by: 97) {
            for value in [UInt8(ascii: "9"), UInt8(ascii: "\""), UInt8(ascii: "-"), 0x00, 0x80] {
                var damaged = bytes
                damaged[offset] = value
                do {
                    let read = try ProfilingResults(json: damaged, file: "a.json")
                    #expect(read.formatVersion <= ProfilingResults.currentFormatVersion)
                } catch {
                    #expect(error.description.hasPrefix("a.json") && !error.description.contains("\n"), "\(error)")
                }
            }
        }
    }

    @Test(
        "The error for a missing file or a directory contains the system's reason",
        arguments: ["/nonexistent/x.json", "/"]
    )
    func unreadable(path: String) {
        let error = #expect(throws: ResultsFileError.self) { try ProfilingResults(contentsOf: path) }
        #expect(error?.description.hasPrefix("\(path): cannot be read: ") == true)
    }

    @Test("A results file is never overwritten")
    func writing() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "spankit-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let results = try SampleResults.results()
        let paths = try (1...3).map { _ in try results.write(inDirectory: directory, timestamp: "20261123T174026Z") }
        #expect(
            paths.map { $0.dropFirst(directory.count + 1) } == [
                "profiling-results-20261123T174026Z.json", "profiling-results-20261123T174026Z-2.json",
                "profiling-results-20261123T174026Z-3.json",
            ]
        )
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory).count == 3,
            "nothing else is left behind"
        )
        #expect(try ProfilingResults(contentsOf: paths[2]).json() == results.json())
        #expect(throws: ResultsFileError.self) {
            try results.write(inDirectory: directory + "/missing", timestamp: "x")
        }
    }
}
