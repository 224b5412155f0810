import Foundation

/// Decodes OTLP bodies in Python with the official protobuf definitions, and finds errors in them.
///
/// It is stricter than any collector; see `Judges/otlp.py`.
public enum ProtobufJudge {
    /// The type of the message in a body.
    public enum Signal: String, Sendable {
        /// `ExportTraceServiceRequest`.
        case traces
        /// `ExportMetricsServiceRequest`.
        case metrics
        /// `ExportLogsServiceRequest`.
        case logs
    }

    /// A body to check.
    public enum Body: Sendable {
        /// One request.
        case json([UInt8])
        /// One request on each line, including the line ends.
        case jsonLines([UInt8])
        /// One request.
        case protobuf([UInt8])

        /// The decompressed body of a request, by its content type; nil if it cannot be decompressed.
        public init?(_ request: ReceivedRequest) {
            guard let body = request.decodedBody else { return nil }
            self = request.isProtobuf ? .protobuf(body) : .json(body)
        }

        fileprivate var file: (bytes: [UInt8], suffix: String) {
            switch self {
            case .json(let bytes): (bytes, "json")
            case .jsonLines(let bytes): (bytes, "jsonl")
            case .protobuf(let bytes): (bytes, "pb")
            }
        }
    }

    /// The result.
    public struct Verdict: Sendable, Decodable {
        /// The errors. Each starts with the number of its body, such as `body-0.json: `.
        public let complaints: [String]
        /// Each valid request as protobuf with its fields in a fixed order, in hexadecimal. Equal messages give equal texts, whether
        /// they were JSON or protobuf.
        public let messages: [String]
        /// The spans in the order of the bodies.
        public let spans: [JudgedSpan]
        /// The metrics in the order of the bodies.
        public let metrics: [JudgedMetric]
        /// The log records in the order of the bodies.
        public let logRecords: [JudgedLogRecord]
    }

    /// Checks bodies.
    public static func judge(
        _ bodies: [Body],
        as signal: Signal = .traces
    ) async throws -> Verdict {
        let python = try Equipment.codecs.require()
        let folder = TemporaryFolder("judge")
        defer { folder.remove() }
        var files: [String] = []
        for (number, body) in bodies.enumerated() {
            let (bytes, suffix) = body.file
            files.append(folder.path("body-\(number).\(suffix)"))
            try Data(bytes).write(to: URL(filePath: files[number]))
        }
        let program = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "otlp.py").path
        let child = try ChildProcess(
            python,
            ["-I", program, signal.rawValue, folder.path("verdict")] + files,
            output: folder.path("output"),
            error: folder.path("error")
        )
        defer { child.stop(within: .zero) }
        // Python takes seconds for 10,000 spans, even on an idle machine.
        let status = try await eventually("the judge ends", child.status, within: .generous * 5) { $0 != nil }
        guard status == 0 else {
            throw Failure(description: "the judge came to no verdict:\n" + folder.text(of: "error"))
        }
        return try JSONDecoder().decode(Verdict.self, from: Data(folder.content(of: "verdict") ?? []))
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}
