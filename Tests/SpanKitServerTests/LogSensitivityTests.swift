import Logging
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitServer

@Suite("Sensitive metadata leave no trace")
struct LogSensitivityTests {
    private enum Other: Int64, Logger.MetadataValueAttributes.Attribute { case one = 1 }

    private static let metadata: Logger.Metadata = [
        "marked": .attributed("canary-1", attributes: [LogSensitivity.sensitive]),
        "number": .attributed(42_424_242, attributes: [LogSensitivity.sensitive]),
        "part": "user \("canary-2", attributes: [LogSensitivity.sensitive]) of \(3)",
        "both": .attributed("canary-3", attributes: [Other.one, LogSensitivity.sensitive]),
        "list": ["plain", .attributed("canary-4", attributes: [LogSensitivity.sensitive])],
        "map": ["inner": .attributed("canary-5", attributes: [LogSensitivity.sensitive]), "plain": "kept"],
        "other": .attributed("kept", attributes: [Other.one]),
        "unmarked": .attributed("kept", attributes: []),
    ]
    private static let hidden = AttributeValue.string(LogSensitivity.replacement)
    private static let expected = [
        Attribute("both", hidden), Attribute("list", ["plain", hidden]),
        Attribute("map", .map([Attribute("inner", hidden), Attribute("plain", "kept")])), Attribute("marked", hidden),
        Attribute("number", hidden), Attribute("other", "kept"), Attribute("part", hidden),
        Attribute("unmarked", "kept"),
    ]

    @Test("a marked value of the call, the provider or the logger is replaced before it is recorded, without redaction")
    func recorded() throws {
        var configuration = TelemetryConfiguration()
        configuration.exporters = []
        configuration.shutsDownAtExit = false
        let telemetry = Telemetry.start(configuration, log: .silent)
        let provider = Logger.MetadataProvider {
            ["provided": .attributed("canary-6", attributes: [LogSensitivity.sensitive])]
        }
        var logger = Logger(label: "App") { telemetry.logHandler($0, provider, console: nil) }
        logger[metadataKey: "own"] = .attributed("canary-7", attributes: [LogSensitivity.sensitive])
        logger.info("message", metadata: Self.metadata)
        let record = try #require(telemetry.profiler.logRecords().first)
        #expect(
            record.attributes == Self.expected + [Attribute("provided", Self.hidden), Attribute("own", Self.hidden)]
        )
        #expect(!"\(record)".contains("canary") && !"\(record)".contains("42424242"))
    }

    @Test("a marked value is replaced on the console as well")
    func console() {
        let event = LogEvent(
            level: .info,
            message: "message",
            error: nil,
            metadata: Self.metadata,
            source: "s",
            file: "f",
            function: "f",
            line: 1
        )
        let metadata = LogMetadata(call: event.metadata, provided: nil, logger: [:])
        #expect(LogConsole.record(event, metadata, "App", nil, nil).attributes == Self.expected)
    }
}
