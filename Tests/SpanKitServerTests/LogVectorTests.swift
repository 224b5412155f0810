import Logging
import SpanKitOTLP
import SpanKitRecording
import SpanKitServer
import SpanKitTestSupport
import Testing

@Suite("Lines of swift-log on the wire")
struct LogVectorTests {
    private struct EngineError: Error, CustomStringConvertible {
        var description: String { "no fuel" }
    }

    @Test(
        "what swift-log can express of the vectors is sent as they say",
        .needs(.codecs),
        arguments: Encoding.allCases
    )
    func vectors(_ encoding: Encoding) async throws {
        var configuration = TelemetryConfiguration()
        configuration.exporters = []
        configuration.shutsDownAtExit = false
        let telemetry = Telemetry.start(configuration, log: .silent)
        func logger(_ label: String) -> Logger {
            var logger = Logger(label: label) { telemetry.logHandler($0, console: nil) }
            logger.logLevel = .trace
            return logger
        }
        logger("dock").info("moored")
        for level in Logger.Level.allCases { logger("ferry.engine").log(level: level, "level \(level)") }
        logger("ferry.tickets").error("engine stopped", error: EngineError())
        logger("ferry.tickets").warning("gate \"B\"\tclosed\n\\ Ærø → 🚢 \u{1}", metadata: Self.metadata)

        let encoder = LogEncoder(
            encoding,
            resource: Resource(attributes: [Attribute("service.name", "ferry")]),
            scope: InstrumentationScope()
        )
        _ = encoder.encode(RecordedLogRecords(telemetry.profiler.recorder), recordLimit: .max, byteLimit: .max)
        let body = Array(encoder.bytes)
        let own = try await ProtobufJudge.judge([encoding == .json ? .json(body) : .protobuf(body)], as: .logs)
        #expect(own.complaints.isEmpty, "\(own.complaints)")
        let files = try ["logs_minimal.json", "logs_full.json"].map { name in
            Array(try PackageFiles.text("Tests/OTLPTests/Golden/\(name)").utf8)
        }
        let vectors = try await ProtobufJudge.judge(files.map { .json($0) }, as: .logs).logRecords
        #expect(own.logRecords.count == 10)
        for record in own.logRecords {
            let vector = try #require(vectors.first { $0.body == record.body }, "\(String(describing: record.body))")
            #expect(record.scope == vector.scope && record.eventName.isEmpty)
            #expect(record.severity == vector.severity && record.severityText == vector.severityText)
            #expect(record.observedNanoseconds == record.nanoseconds && record.nanoseconds > 1_700_000_000_000_000_000)
            #expect(record.droppedAttributes == 0 && record.flags == 0 && record.traceID.isEmpty)
            for attribute in record.attributes where !Self.ownKeys.contains(attribute.key) {
                let expected = try #require(vector[attribute.key], "\(attribute.key)")
                #expect(Self.sorted(attribute.value) == Self.sorted(expected), "\(attribute.key)")
            }
            guard case .int? = record["code.line.number"], case .string? = record["code.file.path"] else {
                Issue.record("the place has other types than in the vector")
                continue
            }
        }
        let stopped = own.logRecords.first { $0.body == .string("engine stopped") }
        #expect(stopped?["exception.message"] == .string("no fuel"))
    }

    /// The attributes whose values are those of this file.
    private static let ownKeys = ["code.file.path", "code.function.name", "code.line.number", "exception.type"]

    private static let metadata: Logger.Metadata = [
        "text": "x", "empty": "", "yes": .stringConvertible(true), "no": .stringConvertible(false),
        "zero": .stringConvertible(0), "min": .stringConvertible(Int64.min), "max": .stringConvertible(Int64.max),
        "half": .stringConvertible(0.5), "negative.zero": .stringConvertible(-0.0),
        "map": [
            "berth": "4", "tide": ["height": .stringConvertible(1.25), "rising": .stringConvertible(true)],
            "crew": ["Ana", "Bo"],
        ],
    ]

    /// A value with the members of maps in the order of their keys, because the handler sorts them.
    private static func sorted(_ value: JudgedValue) -> JudgedValue {
        switch value {
        case .array(let elements): .array(elements.map(sorted))
        case .map(let members):
            .map(
                members.map { member in
                    var member = member
                    member.value = sorted(member.value)
                    return member
                }
                .sorted { $0.key < $1.key }
            )
        default: value
        }
    }
}
