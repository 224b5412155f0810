import Foundation
import SpanKitReports
import SpanKitSummaries
import Testing

@testable import SpanKitCoachProfiling

@Suite("spankit summary")
struct SummaryTests {
    @Test("Two files are merged: counts add up, and percentiles are those of the merged histograms")
    func merged() async throws {
        try await withTemporaryDirectory { directory in
            for seed in ["1", "2"] {
                _ = try await SpanKitProcess.run(
                    "profile",
                    "--quiet",
                    "--latency-scale",
                    "0",
                    "--seed",
                    seed,
                    "--scenario",
                    "4",
                    in: directory
                )
            }
            let files = try resultsFiles(in: directory).map(\.path)
            let tables = try await SpanKitProcess(["summary"] + files, in: directory).finish()
            #expect(tables.status == 0)
            #expect(tables.error == "")
            #expect(tables.output.hasPrefix("2 runs  14 messages · offline model at latency scale 0.0\n"))

            let json = try await SpanKitProcess(["summary", "--format", "json"] + files, in: directory).finish()
            let merged = try JSONDecoder().decode(Merged.self, from: Data(json.output.utf8))
            #expect(merged.sources.map(\.file) == files)
            let total = merged.aggregate.operations.map(\.snapshot).first { $0.name == "conversation_processing_total" }
            let parts = try files.map { try ProfilingResults(contentsOf: $0).aggregate.operations.map(\.snapshot) }
            let expected = parts.compactMap { $0.first { $0.name == "conversation_processing_total" }?.histogram }
            var histogram = try #require(expected.first)
            try histogram.merge(try #require(expected.last))
            #expect(total?.histogram == histogram)
            #expect(histogram.count == 14)
        }
    }

    @Test("A summary shows the same numbers as the run")
    func sameAsRun() async throws {
        try await withTemporaryDirectory { directory in
            let run = try await SpanKitProcess.run("profile", "--latency-scale", "0", "--scenario", "6", in: directory)
            let file = try #require(try resultsFiles(in: directory).first).path
            let summary = try await SpanKitProcess.run("summary", file, in: directory)
            let tables = summary.output.split(separator: "\n").dropFirst()
            let printed = Set(run.output.split(separator: "\n"))
            #expect(tables.count > 30)
            for line in tables { #expect(printed.contains(line), "\(line)") }
        }
    }

    @Test("A problem with a file is reported on one line with its name and status 65")
    func badFiles() async throws {
        try await withTemporaryDirectory { directory in
            let bad: [(name: String, bytes: [UInt8], message: String)] = [
                ("empty.json", [], "is not JSON: it is empty"),
                ("binary.json", [0x7B, 0xFF, 0x00], "the byte at offset 1 is not UTF-8"),
                (
                    "newer.json", Array(#"{"formatVersion": 2}"#.utf8),
                    "has format version 2, but this spankit reads up to version 1"
                ),
                ("other.json", Array(#"{"name": "else"}"#.utf8), "formatVersion: this field is missing"),
                ("cut.json", Array(#"{"formatVersion": 1, "scen"#.utf8), "it is cut off in line 1"),
            ]
            for (name, bytes, message) in bad {
                try Data(bytes).write(to: directory.appending(path: name))
                let outcome = try await SpanKitProcess.run("summary", name, in: directory)
                #expect(outcome.status == 65)
                #expect(outcome.output == "")
                #expect(outcome.error.hasPrefix("spankit: \(name): "), "\(outcome.error)")
                #expect(outcome.error.contains(message), "\(outcome.error)")
                #expect(outcome.error.count { $0 == "\n" } == 1)
            }
        }
    }

    @Test(
        "The error for a file that cannot be opened contains the reason",
        arguments: [
            ("missing.json", "no such file or directory"), ("/", "is a directory; pass its files"),
        ]
    )
    func unreadable(path: String, reason: String) async throws {
        try await withTemporaryDirectory { directory in
            let outcome = try await SpanKitProcess.run("summary", path, in: directory)
            #expect(outcome.status == 65)
            #expect(outcome.error == "spankit: \(path): \(reason)\n")
        }
    }
}

/// What `spankit summary --format json` prints.
private struct Merged: Decodable {
    struct Source: Decodable { var file: String }
    struct Aggregate: Decodable { var operations: [OperationsJSON.Operation] }
    var sources: [Source]
    var aggregate: Aggregate
}
