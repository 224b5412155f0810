import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitSummaries
import SpanKitTestSupport
import Testing

@testable import SpanKitReports

/// Log records made by hand. Times are in microseconds after ``SampleTraces/origin``; ids are small numbers.
enum SampleLogs {
    static func log(
        _ body: String?,
        at time: Int64? = 0,
        severity: UInt8 = 9,
        text: String = "",
        span: UInt64 = 0,
        trace: UInt64 = 1,
        service: String = "coach",
        event: String = "",
        _ attributes: Attribute...
    ) -> DecodedLog {
        var log = DecodedLog()
        log.resource = Resource(attributes: [Attribute("service.name", .string(service))])
        log.scope = InstrumentationScope(name: "coach.log")
        log.timeUnixNanoseconds = time.map { SampleTraces.origin + $0 * 1_000 } ?? 0
        (log.severityNumber, log.severityText, log.eventName) = (severity, text, event)
        log.body = body.map { .string($0) }
        log.attributes = attributes
        log.traceID = trace == 0 ? nil : TraceID(high: 0, low: trace)
        log.spanID = span == 0 ? nil : SpanID(rawValue: span)
        return log
    }

    static func exception(
        _ type: String,
        _ message: String,
        at time: Int64 = 0,
        severity: UInt8 = 17,
        span: UInt64,
        trace: UInt64 = 1
    ) -> DecodedLog {
        log(
            nil,
            at: time,
            severity: severity,
            span: span,
            trace: trace,
            event: "exception",
            Attribute("exception.type", .string(type)),
            Attribute("exception.message", .string(message))
        )
    }

    static func assembler(
        _ spans: [DecodedSpan],
        _ logs: [DecodedLog],
        logsFirst: Bool = false,
        spanLimit: Int = .max,
        details: TraceSpan.DetailLevel,
        _ body: @escaping (Trace, NameTable) -> Void
    ) -> TraceAssembler {
        var assembler = TraceAssembler(spanLimit: spanLimit, details: details)
        var parts = [
            PreparedSpans(SpanSelection(), details: details), PreparedSpans(SpanSelection(), details: details),
        ]
        for span in spans { parts[logsFirst ? 1 : 0].add(span) }
        for log in logs { parts[logsFirst ? 0 : 1].add(log) }
        for part in parts { assembler.add(part, body) }
        assembler.finish(body)
        return assembler
    }

    static func assemble(
        _ spans: [DecodedSpan],
        _ logs: [DecodedLog],
        details: TraceSpan.DetailLevel
    ) -> ([Trace], NameTable) {
        var traces: [Trace] = []
        let assembler = assembler(spans, logs, details: details) { trace, _ in traces.append(trace) }
        return (traces, assembler.names)
    }
}

@Suite("Log records")
struct LogTests {
    @Test(
        "Levels have the names of OpenTelemetry and swift-log, or a number",
        arguments: [
            ("trace", 1...4), ("DEBUG", 5...8), ("info", 9...12), ("notice", 10...12), ("warn", 13...16),
            ("Warning", 13...16), ("error", 17...20), ("critical", 18...20), ("fatal", 21...24), ("info2", 10...10),
            ("fatal4", 24...24), ("1", 1...1), ("24", 24...24),
        ] as [(String, ClosedRange<UInt8>)]
    )
    func levels(text: String, numbers: ClosedRange<UInt8>) {
        let level = LogLevel(text)
        #expect(level?.numbers == numbers)
        #expect(level?.least == numbers.lowerBound)
    }

    @Test("Other texts are not levels", arguments: ["", "0", "25", "-1", "info1", "info5", "warn ", "loud", "notice2"])
    func otherLevels(text: String) { #expect(LogLevel(text) == nil) }

    @Test("A level that is only a text counts, as OpenTelemetry's data model maps it")
    func textLevels() {
        for (text, severity) in [
            ("WARN", 13), ("err", 17), ("Emergency", 21), ("notice", 10), ("4", 0), ("loud", 0), ("", 0),
        ] as [(String, UInt8)] {
            #expect(SampleLogs.log("a", severity: 0, text: text).severity == severity, "\(text)")
        }
        #expect(SampleLogs.log("a", severity: 5, text: "error").severity == 5)
    }

    private static let charge = SampleLogs.log(
        "card 4711 was declined",
        severity: 13,
        service: "pay",
        event: "card.declined",
        Attribute("attempt", 2),
        Attribute("region", "eu")
    )

    @Test(
        "A filter selects records",
        arguments: [
            ("severity>=warn", true), ("severity=warn", true), ("severity>warn", false), ("severity<error", true),
            ("severity>=14", false), ("severity=13", true), ("severity!=info", true), ("body~declined", true),
            ("body=declined", false), ("body~\"card 4711\" and attempt>1", true), ("logger=coach.log", true),
            ("event=card.declined", true), ("service=pay", true), ("service.name=pay", true), ("region=eu", true),
            ("error", false), ("error=false", true), ("not error and (region=us or attempt=2)", true),
            // These are attributes here.
            ("name=x", false), ("duration>1", false), ("kind=server", false), ("\"body\"=x", false),
        ]
    )
    func filters(text: String, isMatch: Bool) throws {
        let filter = try SpanFilter(text, of: .logs)
        #expect(filter.matches(Self.charge) == isMatch)
        // The text of a filter means the same.
        #expect(try SpanFilter(filter.description, of: .logs) == filter)
    }

    @Test("A record without a level or a body matches no comparison with it")
    func absent() throws {
        let empty = SampleLogs.log(nil, severity: 0)
        for text in ["severity>=trace", "severity<error", "severity!=info", "body=\"\"", "body!=x", "body~\"\""] {
            #expect(try !SpanFilter(text, of: .logs).matches(empty), "\(text)")
        }
        #expect(try SpanFilter("not severity>=trace", of: .logs).matches(empty))
    }

    @Test("Fields of log records are attributes in filters of spans")
    func spanFilters() throws {
        let span = SampleTraces.span(1, "a", 0, 1, attributes: [Attribute("severity", "warn"), Attribute("body", "x")])
        let filter = try SpanFilter("severity=warn and body=x")
        #expect(filter.matches(span))
        #expect(try SpanFilter(filter.description) == filter && SpanFilter(filter.description, of: .logs) == filter)
    }

    @Test("Errors of filters name the fields and the levels of log records")
    func problems() {
        #expect(throws: FilterProblem.self) { try SpanFilter("severity~warn", of: .logs) }
        for (text, part) in [
            ("severity>loud", "expected one of trace, debug, info, notice, warn, error, critical, fatal, or a number"),
            ("=x", "a field, such as service, severity, body or http.route"),
            ("body", "expected an operator after 'body'"),
        ] {
            #expect { try SpanFilter(text, of: .logs) } throws: { "\($0)".contains(part) }
        }
    }

    @Test("Completions offer the fields and the levels of log records")
    func completions() {
        #expect(FilterCompletion.candidates(after: "sev", of: .logs) == ["severity"])
        #expect(FilterCompletion.candidates(after: "severity>=w", of: .logs) == ["severity>=warn"])
        #expect(!FilterCompletion.candidates(after: "sev", of: .spans).contains("severity"))
    }

    // MARK: Order and limits

    @Test(
        "The latest records are kept in the order of their times; those without a time follow the one before",
        arguments: 0..<20
    )
    func latest(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let limit = Int.random(in: 1...30, using: &random)
        var latest = LatestLogs(limit: limit)
        var all: [(time: Int64, number: Int)] = []
        var last: Int64 = 0
        let count = Int.random(in: 1...200, using: &random)
        for number in 0..<count {
            let time = number % 7 == 3 ? nil : Int64.random(in: 1...50, using: &random)
            latest.add(SampleLogs.log("\(number)", at: time))
            if let time { last = time }
            all.append((last, number))
        }
        let expected = all.sorted { ($0.time, $0.number) < ($1.time, $1.number) }.suffix(limit)
        #expect(latest.sorted().map(\.body) == expected.map { .string("\($0.number)") })
        #expect(latest.count == count && latest.leftOutCount == max(0, count - limit))
        #expect(latest.untimedCount == (0..<count).count { $0 % 7 == 3 } && latest.beyondMemoryCount == 0)
    }

    @Test("Beyond the limit of memory the earliest records are left out and counted")
    func memory() {
        var latest = LatestLogs(limit: .max, byteLimit: 100_000)
        for number in 0..<1_000 {
            latest.add(SampleLogs.log(String(repeating: "x", count: 1_000), at: Int64(number)))
        }
        let logs = latest.sorted()
        #expect(logs.count + latest.beyondMemoryCount == 1_000 && latest.leftOutCount == latest.beyondMemoryCount)
        #expect((50...100).contains(logs.count) && logs.last?.time == SampleTraces.origin + 999_000)
    }

    // MARK: Text

    @Test("A record is one line; further lines of a message and of attributes are indented")
    func lines() {
        var lines = LogLines(style: TerminalStyle(width: 100))
        let record = SampleLogs.log(
            "first\n\tsecond\r\nthird\n",
            severity: 17,
            text: "error",
            span: 2,
            Attribute("key", "a b"),
            Attribute("exception.stacktrace", "0 a\n1 b"),
            Attribute("code.file.path", "Shop/Cart.swift"),
            Attribute("code.line.number", 42),
            Attribute("count", 3),
            Attribute("list", .array([1, "x"]))
        )
        #expect(
            lines.text([record]) == """
                1970-01-01 00:00:01.000 UTC  error     first  key="a b" count=3 list=[1,"x"] at Shop/Cart.swift:42  logger coach.log trace 00000000000000000000000000000001 span 0000000000000002
                        second
                    third
                    exception.stacktrace
                      0 a
                      1 b

                """
        )
        // Another service: from now on they are named.
        let other = SampleLogs.log(nil, at: nil, severity: 0, trace: 0, service: "")
        #expect(lines.text([other]) == "no time            unknown service  logger coach.log\n")
    }

    @Test("Hostile text cannot steer the terminal, in any part of a record")
    func hostile() {
        let order = "\u{1B}[31m\u{202E}\u{7}"
        var record = SampleLogs.log(
            "a\(order)\n\(order)b",
            text: order,
            span: 2,
            event: order,
            Attribute(order, .string(order))
        )
        record.scope.name = order
        record.attributes.append(Attribute("lines", .string("x\n\(order)")))
        var lines = LogLines(style: TerminalStyle(width: 100))
        let text = lines.text([record])
        for scalar in order.unicodeScalars where scalar.properties.isASCIIControlOrBidi {
            #expect(!text.unicodeScalars.contains(scalar), "\(text)")
        }
        let (traces, names) = SampleLogs.assemble([SampleTraces.span(2, "a", 0, 9)], [record], details: .full)
        let tree = TreeReport(traces[0], names: names, isFull: true).text(style: TerminalStyle(width: 100))
        for scalar in order.unicodeScalars where scalar.properties.isASCIIControlOrBidi {
            #expect(!tree.unicodeScalars.contains(scalar), "\(tree)")
        }
    }

    @Test("A message of a megabyte is cut, and the line says by how much")
    func long() {
        var lines = LogLines(style: TerminalStyle(width: 100))
        let text = lines.text([SampleLogs.log(String(repeating: "x", count: 1_000_000))])
        #expect(text.utf8.count < 20_000 && text.contains("… (983616 more bytes)"))
    }

    // MARK: Traces

    @Test("A waterfall shows records in their span, before the children that start later")
    func tree() {
        let spans = [
            SampleTraces.span(1, "root", 0, 100), SampleTraces.span(2, parent: 1, "first", 10, 20),
            SampleTraces.span(3, parent: 1, "second", 50, 60),
        ]
        let logs = [
            SampleLogs.log("late", at: 90, span: 1), SampleLogs.log("between", at: 30, span: 1),
            SampleLogs.log("early", at: 5, span: 1), SampleLogs.log("inside", at: 55, span: 3),
            SampleLogs.log("same moment", at: 50, span: 1), SampleLogs.log("untimed", at: nil, span: 1),
            SampleLogs.log("no span", at: 1), SampleLogs.log("lost", at: 2, span: 77),
            // A repeated record.
            SampleLogs.log("late", at: 90, span: 1),
        ]
        let (traces, names) = SampleLogs.assemble(spans, logs, details: .folded)
        let text = TreeReport(traces[0], names: names).text(style: TerminalStyle(width: 100))
        let order = [
            "root", "early", "first", "between", "same moment", "second", "inside", "late", "untimed",
            "Log records without a span, or whose span is missing", "no span", "lost",
        ]
        var rest = text[...]
        for word in order {
            guard let found = rest.firstRange(of: word) else {
                Issue.record("'\(word)' is not in its place:\n\(text)")
                return
            }
            rest = rest[found.upperBound...]
        }
        #expect(traces[0].logCount == 8 && traces[0].repeatedLogCount == 1)
    }

    @Test("A span's records beyond 20 are those with the highest severity; the others are counted")
    func manyLogs() {
        let logs = (0..<50).map { SampleLogs.log("m\($0).", at: Int64($0), severity: $0 == 7 ? 17 : 9, span: 1) }
        let (traces, names) = SampleLogs.assemble([SampleTraces.span(1, "root", 0, 100)], logs, details: .folded)
        let text = TreeReport(traces[0], names: names).text(style: TerminalStyle(width: 100))
        #expect(text.contains("m7.") && text.contains("m19.") && !text.contains("m20."))
        #expect(text.contains("30 log records are not shown; --full shows all."), "\(text)")
        let whole = TreeReport(traces[0], names: names, isFull: true).text(style: TerminalStyle(width: 100))
        #expect(whole.contains("m49.") && !whole.contains("not shown"))
    }

    @Test("Of several spans with one id, the record belongs to the one of its service")
    func sharedIDs() {
        let spans = [
            SampleTraces.span(1, "call", 0, 100, service: "shop"),
            SampleTraces.span(1, "serve", 10, 90, service: "pay"),
        ]
        let (traces, names) = SampleLogs.assemble(
            spans,
            [SampleLogs.log("x", at: 20, span: 1, service: "pay")],
            details: .typed
        )
        let place = traces[0].spans.firstIndex { names[$0.name] == "serve" }
        #expect(place.map { traces[0].logs(of: $0).count } == 1)
    }

    @Test("Records of traces without spans, and those read after their trace was evaluated, are counted")
    func leftOut() {
        let spans = (1...40).map { SampleTraces.span(1, "s", 0, 10, trace: $0) }
        let logs = (1...45).map { SampleLogs.log("x", span: 1, trace: $0) } + [SampleLogs.log("y", trace: 0)]
        var count = 0
        let all = SampleLogs.assembler(spans, logs, details: .folded) { trace, _ in count += trace.logCount }
        #expect(count == 40 && all.leftOutLogs.spanlessCount == 5 && all.leftOutLogs.tracelessCount == 1)
        #expect(all.traceCount == 40)
        count = 0
        let early = SampleLogs.assembler(spans, logs, spanLimit: 10, details: .folded) { trace, _ in
            count += trace.logCount
        }
        let left = early.leftOutLogs
        #expect(count + left.spanlessCount + left.lateCount + left.tracelessCount == 46 && left.lateCount > 20)
        #expect(early.traceCount == 40 && early.partedTraceCount == 0)
        count = 0
        let before = SampleLogs.assembler(spans, logs, logsFirst: true, details: .folded) { trace, _ in
            count += trace.logCount
        }
        #expect(count == 40 && before.traceCount == 40)
    }
}

extension Unicode.Scalar.Properties {
    fileprivate var isASCIIControlOrBidi: Bool { generalCategory == .control || generalCategory == .format }
}
