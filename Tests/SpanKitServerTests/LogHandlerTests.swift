import InMemoryLogging
import Logging
import SpanKitPlatform
import SpanKitRecording
import SpanKitServer
import SpanKitTestSupport
import Testing
import Tracing

@Suite("Lines of swift-log become log records")
struct LogHandlerTests {
    private let telemetry: Telemetry

    init() {
        var configuration = TelemetryConfiguration()
        configuration.exporters = []
        configuration.shutsDownAtExit = false
        configuration.warnThreshold = .seconds(3_600)
        telemetry = Telemetry.start(configuration, log: .silent)
    }

    private func logger(
        _ label: String = "App.Orders",
        _ provider: Logger.MetadataProvider? = nil,
        level: Logger.Level = .trace
    ) -> Logger {
        var logger = Logger(label: label) { [telemetry] in telemetry.logHandler($0, provider, console: nil) }
        logger.logLevel = level
        return logger
    }

    private var records: [LogRecord] { telemetry.profiler.logRecords() }

    @Test(
        "each level has its severity number, and its text as swift-log spells it",
        arguments: zip(Logger.Level.allCases, [1, 5, 9, 10, 13, 17, 18])
    )
    func levels(_ level: Logger.Level, _ severity: UInt8) throws {
        logger().log(level: level, "message")
        let record = try #require(records.first)
        #expect(record.severity.rawValue == severity)
        #expect(record.severityText == level.rawValue)
        #expect(record.body == "message")
        #expect(record.scope == "App.Orders")
        #expect(record.file == "SpanKitServerTests/LogHandlerTests.swift" && record.function.hasPrefix("levels("))
    }

    @Test("below the level nothing is evaluated, also behind a MultiplexLogHandler")
    func belowLevel() {
        var quiet = logger(level: .warning)
        quiet.info("\({ () -> String in Issue.record("evaluated"); return "" }())")
        let multiplexed = Logger(label: "both") { [telemetry] label in
            var own = telemetry.logHandler(label, console: nil)
            own.logLevel = .error
            var other = InMemoryLogHandler()
            other.logLevel = .trace
            return MultiplexLogHandler([own, other])
        }
        multiplexed.info("not ours")
        // Other handlers that pass events on may leave the level to each handler.
        var own = telemetry.logHandler("direct", console: nil)
        own.logLevel = .error
        for level in [Logger.Level.info, .error] {
            let event = LogEvent(
                level: level,
                message: "\(level)",
                error: nil,
                metadata: nil,
                source: nil,
                file: "",
                function: "",
                line: 1
            )
            own.log(event: event)
        }
        quiet.logLevel = .trace
        quiet.info("now")
        #expect(records.map(\.body) == ["error", "now"])
    }

    @Test("of metadata with the same key, the value of the call is used, then the provider's, then the logger's")
    func precedence() throws {
        let provider = Logger.MetadataProvider {
            ["a": "provider", "b": "provider", "trace_id": "x", "span_id": "y", "trace_flags": "z"]
        }
        var logger = logger("l", provider)
        logger[metadataKey: "a"] = "logger"
        logger[metadataKey: "b"] = "logger"
        logger[metadataKey: "c"] = "logger"
        logger.info("m", metadata: ["a": "call", "span_id": "mine"])
        let record = try #require(records.first)
        #expect(record["a"] == "call" && record["b"] == "provider" && record["c"] == "logger")
        #expect(record["trace_id"] == nil && record["trace_flags"] == nil)
        #expect(record["span_id"] == "mine", "what the program itself says stays")
        #expect(record.attributes.count == 4)
    }

    @Test("copies of a logger are independent")
    func valueSemantics() {
        var first = logger()
        first[metadataKey: "a"] = "1"
        var second = first
        second[metadataKey: "a"] = "2"
        second.logLevel = .error
        first.info("first")
        second.info("not logged")
        second.error("second")
        #expect(records.map { $0["a"] } == ["1", "2"])
    }

    private struct Described: CustomStringConvertible, Sendable {
        var description: String { "described" }
    }

    @Test("metadata keep their types, arrays and dictionaries are nested, and keys are in a fixed order")
    func types() throws {
        logger().info(
            "m",
            metadata: [
                "int": .stringConvertible(7), "int8": .stringConvertible(Int8(-8)),
                "huge": .stringConvertible(UInt64.max),
                "double": .stringConvertible(0.5), "float": .stringConvertible(Float(0.25)),
                "bool": .stringConvertible(true),
                "text": "t", "number as text": "\(42)", "other": .stringConvertible(Described()),
                "list": ["a", .stringConvertible(1), ["b"]],
                "map": ["z": .stringConvertible(2), "a": ["inner": "x"]],
                "sensitive": .attributed("secret", attributes: []),
            ]
        )
        let record = try #require(records.first)
        #expect(
            record.attributes == [
                Attribute("bool", true), Attribute("double", 0.5), Attribute("float", 0.25),
                Attribute("huge", .string("\(UInt64.max)")), Attribute("int", 7), Attribute("int8", -8),
                Attribute("list", ["a", 1, ["b"]]),
                Attribute("map", .map([Attribute("a", .map([Attribute("inner", "x")])), Attribute("z", 2)])),
                Attribute("number as text", "42"), Attribute("other", "described"), Attribute("sensitive", "secret"),
                Attribute("text", "t"),
            ]
        )
    }

    private struct Failure: Error, CustomStringConvertible {
        var description: String { "no fuel" }
    }

    @Test("the error of a line becomes exception attributes, unless the metadata has them")
    func errors() throws {
        logger().error("stopped", error: Failure())
        logger().error("stopped", error: Failure(), metadata: ["exception.message": "mine"])
        #expect(records.map { $0["exception.message"] } == ["no fuel", "mine"])
        #expect(records[0]["exception.type"] == .string(String(reflecting: Failure.self)))
    }

    @Test("a line belongs to the innermost span of either API")
    func context() throws {
        let logger = logger()
        logger.info("outside")
        telemetry.tracer.withSpan("request") { _ in
            logger.info("request")
            telemetry.profiler.profile("step") { logger.info("step") }
        }
        let spans = telemetry.profiler.recordedSpans()
        #expect(records[0].traceID == nil)
        for record in records.dropFirst() {
            let span = try #require(spans.first { .string($0.name) == record.body })
            #expect(record.traceID == span.context.traceID && record.spanID == span.context.spanID)
            #expect(record.traceFlags == [.sampled, .random])
        }
        #expect(records.count == 3)
    }

    @Test("hostile lines: 1 MB of text, 10,000 keys, deep nesting, values that log themselves, text from C")
    func hostile() throws {
        let logger = logger()
        let long = String(repeating: "x", count: 1_000_000)
        logger.info("\(long)", metadata: ["long": "\(long)"])
        logger.info("keys", metadata: Dictionary(uniqueKeysWithValues: (0..<10_000).map { ("key \($0)", "v") }))
        var deep: Logger.MetadataValue = "end"
        for _ in 0..<10_000 { deep = [deep] }
        logger.info("deep", metadata: ["deep": deep])
        struct Talkative: CustomStringConvertible, Sendable {
            let logger: Logger
            var description: String {
                logger.info("from inside")
                return "talkative"
            }
        }
        logger.info("outer", metadata: ["value": .stringConvertible(Talkative(logger: logger))])
        logger.info("\(String(decoding: [0x61, 0xFF, 0x62] as [UInt8], as: UTF8.self))", metadata: ["": "empty key"])
        let bodies = records.map(\.body)
        #expect(bodies.contains("outer") && bodies.contains("from inside") && bodies.contains("a\u{FFFD}b"))
        let keys = try #require(records.first { $0.body == "keys" })
        #expect(keys.attributes.count == 128 && keys.droppedAttributeCount == 9_872)
        #expect(records.first?["spankit.truncated"] != nil)
        #expect(records.last?.droppedAttributeCount == 1)
        #expect(telemetry.profiler.logRecordAccount.isBalanced)
        #expect(telemetry.profiler.logRecordAccount.emitted == 6)
    }

    @Test("after the telemetry was shut down, and with telemetry off, logging does nothing harmful")
    func afterShutdown() {
        let logger = logger()
        _ = telemetry.shutdownAndWait(within: .seconds(1))
        logger.info("late")
        var off = TelemetryConfiguration()
        off.isDisabled = true
        let disabled = Telemetry.start(off, log: .silent)
        Logger(label: "off") { disabled.logHandler($0, console: nil) }.error("nothing")
        #expect(disabled.profiler.logRecords().isEmpty)
    }

    @Test(
        "exceptions of spans are events, log records, or both",
        arguments: [ExceptionSignal.spanEvents, .logRecords, .both]
    )
    func exceptions(_ signal: ExceptionSignal) throws {
        var configuration = TelemetryConfiguration()
        configuration.exporters = []
        configuration.shutsDownAtExit = false
        configuration.recording.exceptionSignal = signal
        let telemetry = Telemetry.start(configuration, log: .silent)
        telemetry.tracer.withSpan("request") { $0.recordError(Failure(), attributes: ["a": 1]) }
        let span = try #require(telemetry.profiler.recordedSpans().first)
        #expect(span.events.count == (signal == .logRecords ? 0 : 1))
        let records = telemetry.profiler.logRecords()
        #expect(records.count == (signal == .spanEvents ? 0 : 1))
        // Not the span that is current.
        let other = telemetry.profiler.startSpan("by hand")
        telemetry.profiler.profile("current") { other.recordError(Failure()) }
        #expect(telemetry.profiler.logRecords().dropFirst().allSatisfy { $0.spanID == other.context.spanID })
        #expect(telemetry.profiler.logRecords().count == 2 * records.count)
        other.end()
        if let record = records.first {
            #expect(record.eventName == "exception" && record.severity == .error)
            #expect(record["exception.message"] == "no fuel" && record["a"] == 1)
            #expect(record.traceID == span.context.traceID && record.spanID == span.context.spanID)
        }
    }
}
