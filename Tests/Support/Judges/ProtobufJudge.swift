import Foundation

/// Decodes OTLP bodies with the official protobuf definitions, in Python, and says what is wrong with them.
///
/// Stricter than any collector: `Judges/otlp.py` says how.
public enum ProtobufJudge {
    /// What the bodies carry.
    public enum Signal: String, Sendable {
        /// `ExportTraceServiceRequest`.
        case traces
        /// `ExportMetricsServiceRequest`.
        case metrics
    }

    /// What to judge.
    public enum Body: Sendable {
        /// One request.
        case json([UInt8])
        /// A request a line, each line with its end.
        case jsonLines([UInt8])
        /// One request.
        case protobuf([UInt8])

        /// What a client sent, by its content type, after its content coding; nil when that cannot be undone.
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

    /// What the definitions say.
    public struct Verdict: Sendable, Decodable {
        /// What is wrong; each begins with the number of its body, as in `body-0.json: `.
        public let complaints: [String]
        /// Each request that could be decoded as protobuf with its fields in one fixed order, in hex: equal messages give
        /// equal texts, whether they came as JSON or as protobuf.
        public let messages: [String]
        /// The spans in the order of the bodies.
        public let spans: [JudgedSpan]
    }

    /// Judges bodies.
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
        // Python takes seconds for 10,000 spans even where nothing else runs.
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
