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

    /// Judges bodies: 10,000 spans take a few seconds, more where others keep the machine busy.
    public static func judge(
        _ bodies: [Body],
        as signal: Signal = .traces,
        within longest: Duration = .seconds(240)
    ) async throws -> Verdict {
        let python = try Equipment.codecs.require()
        let folder = FileManager.default.temporaryDirectory.path + "/spankit-judge-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var files: [String] = []
        for (number, body) in bodies.enumerated() {
            let (bytes, suffix) = body.file
            files.append("\(folder)/body-\(number).\(suffix)")
            try Data(bytes).write(to: URL(filePath: files[number]))
        }
        let program = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "otlp.py").path
        let child = try ChildProcess(
            python,
            ["-I", program, signal.rawValue, folder + "/verdict"] + files,
            output: folder + "/output",
            error: folder + "/error"
        )
        defer { child.stop(within: .zero) }
        let end = ContinuousClock.now + longest
        while child.identifier != nil, .now < end { try? await Task.sleep(for: .milliseconds(10)) }
        guard child.waitForEnd(within: .zero) == 0 else {
            let error = FileManager.default.contents(atPath: folder + "/error") ?? Data()
            throw Failure(
                description: "the judge came to no verdict within \(longest):\n"
                    + String(decoding: error, as: UTF8.self)
            )
        }
        return try JSONDecoder().decode(Verdict.self, from: Data(contentsOf: URL(filePath: folder + "/verdict")))
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}
