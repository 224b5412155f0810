import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitRecording
import SpanKitShipping
import SpanKitSummaries
import SpanKitTestSupport
import Testing

@testable import SpanKitCLI

@Suite("The frames of spankit live")
struct LiveReportTests {
    static let styles: [(name: String, style: TerminalStyle)] = [
        ("80", style(80)), ("80-colour", style(80, usesColor: true)), ("120", style(120)),
        ("120-colour", style(120, usesColor: true)), ("ascii", TerminalStyle(width: 80, usesUnicode: false)),
    ]

    private static func style(_ width: Int, usesColor: Bool = false) -> TerminalStyle {
        TerminalStyle(width: width, widest: TerminalStyle.widestTraces, usesColor: usesColor)
    }

    private static let now: Int64 = 1_700_000_000_000_000_000

    private static func open(_ id: UInt64, _ parent: UInt64, _ name: String, secondsAgo: Double, _ details: String = "")
        -> LiveProcess.OpenSpan
    {
        LiveProcess.OpenSpan(
            name: name,
            traceID: "000000000000000000000000000000ab",
            spanID: id,
            parentSpanID: parent,
            startUnixNanoseconds: now - Int64(secondsAgo * 1e9),
            details: details
        )
    }

    private static let unavailable: AccountNote.Destination = {
        var destination = AccountNote.Destination(name: "traces → http://localhost:4318/v1/traces")
        destination.exported = 81_920
        destination.waiting = 1_536
        destination.files = 1_536
        destination.inFlight = 512
        destination.isFailing = true
        destination.dropped = ["queue_full": 1_200, "timeout": 512]
        return destination
    }()

    private static func process(
        _ open: [LiveProcess.OpenSpan],
        isRunning: Bool = true,
        hasAccount: Bool = true
    ) -> LiveProcess {
        var account = AccountNote()
        account.destinations = [unavailable]
        var recent = RecentOperations()
        var random = SplitMix64(seed: 7)
        for number in 0..<600 {
            let end = now - Int64(number) * 50_000_000
            let duration = Int64.random(in: 200_000...900_000, using: &random)
            recent.add(name: "query", start: end - duration, end: end, isError: number % 100 == 0, now: now)
            if number % 20 == 0 {
                recent.add(name: "request", start: end - 9_000_000, end: end, isError: false, now: now)
            }
        }
        let (operations, seconds) = recent.operations(at: now)
        return LiveProcess(
            processID: 4_242,
            service: "coach",
            isRunning: isRunning,
            createdUnixNanoseconds: now - 200_000_000_000,
            openSpans: open,
            operations: operations,
            windowSeconds: seconds,
            waitingLogBytes: 40_960,
            waitingSpanCount: 1_536,
            account: hasAccount ? account : nil
        )
    }

    private static let stuck = process([
        open(3, 2, "step_7_claude_api_call", secondsAgo: 12.4, "gen_ai.request.model=claude"),
        open(1, 99, "conversation_processing_total", secondsAgo: 12.9), open(2, 1, "attempt", secondsAgo: 12.5),
        open(8, 0, "idle\u{1B}[2J", secondsAgo: 0.002),
    ])

    @Test("A frame with open spans and ended operations", arguments: styles)
    func frame(name: String, style: TerminalStyle) throws {
        let text = LiveReport([Self.stuck], now: Self.now).text(style: style)
        try Golden.expect(text, "live-\(name).txt")
        for line in text.split(separator: "\n") {
            let plain = line.replacing(#/\u{1B}\[[0-9]*m/#, with: "")
            #expect(displayWidth(plain) <= style.width, "\(plain)")
            #expect(!plain.unicodeScalars.contains { $0.value < 0x20 })
        }
    }

    /// A process with log records and both signals exported.
    private static var talkative: LiveProcess {
        var process = process([open(1, 0, "request", secondsAgo: 1)])
        var logs = RecentLogs()
        func add(_ severity: UInt8, _ body: String, secondsAgo: Double, _ attributes: [Attribute] = []) {
            var record = LogRecord(
                unixNanoseconds: now - Int64(secondsAgo * 1e9),
                severity: LogSeverity(rawValue: severity)
            )
            record.body = .string(body)
            record.scope = "Orders"
            record.attributes = attributes
            record.traceID = TraceID(high: 0, low: 0xAB)
            logs.add(
                severity: severity,
                time: record.unixNanoseconds,
                now: now,
                DecodedLog(resource: Resource(), record)
            )
        }
        for number in 0..<300 { add(9, "order placed", secondsAgo: Double(number) / 10) }
        add(13, "the cache is full", secondsAgo: 12.5, [Attribute("cache.entries", 10_000)])
        add(17, "payment failed\u{1B}[2J\nsecond line", secondsAgo: 3)
        add(13, "older than a minute", secondsAgo: 90)
        process.logs = logs.summary(at: now)
        process.waitingLogRecordCount = 40
        var account = AccountNote()
        account.log = 7
        var destination = AccountNote.Destination(name: "logs → http://localhost:4318/v1/logs")
        destination.exported = 302
        account.destinations = [destination]
        process.account?.logs = [account]
        return process
    }

    @Test("A frame with log records shows their rate, the latest warnings and both exports", arguments: styles)
    func logs(name: String, style: TerminalStyle) throws {
        let text = LiveReport([Self.talkative], now: Self.now).text(style: style)
        let plain = text.replacing(#/\u{1B}\[[0-9]*m/#, with: "").split(whereSeparator: \.isWhitespace).joined(
            separator: " "
        )
        for part in [
            "10.1 log records/s", "and 40 log records in files", "Latest warnings", "of which 1 is an error",
            "the cache is full",
        ] {
            #expect(plain.contains(part), "\(part) is in \(text)")
        }
        for line in text.split(separator: "\n") {
            let plain = line.replacing(#/\u{1B}\[[0-9]*m/#, with: "")
            #expect(displayWidth(plain) <= style.width, "\(plain)")
            #expect(!plain.unicodeScalars.contains { $0.value < 0x20 })
        }
    }

    @Test("Warnings fit the terminal as well")
    func logsHeight() {
        var process = Self.process((1...200).map { Self.open(UInt64($0), 0, "request", secondsAgo: Double($0)) })
        var logs = RecentLogs()
        for number in 0..<100 {
            let record = LogRecord(unixNanoseconds: Self.now - Int64(number), severity: .warn)
            logs.add(
                severity: 13,
                time: record.unixNanoseconds,
                now: Self.now,
                DecodedLog(resource: Resource(), record)
            )
        }
        process.logs = logs.summary(at: Self.now)
        #expect(process.logs.latestWarnings.count == RecentLogs.warningLimit && process.logs.warningCount == 100)
        for height in [20, 24, 40, 60] {
            let text = LiveReport([process], now: Self.now, height: height).text(style: TerminalStyle(width: 100))
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
            #expect(lines <= height + 1 || height <= 24, "\(lines) lines of \(height)")
            #expect(text.contains("Latest warnings"))
        }
    }

    @Test("A process of an earlier release is shown without its export")
    func silent() {
        let process = Self.process([Self.open(1, 0, "request", secondsAgo: 1)], hasAccount: false)
        let text = LiveReport([process], now: Self.now).text(style: TerminalStyle(width: 100))
        #expect(!text.contains("Export"))
        #expect(text.contains("request"))
    }

    @Test("A frame fits the terminal, and omitted rows are counted")
    func height() {
        let many = Self.process((1...200).map { Self.open(UInt64($0), 0, "request", secondsAgo: Double($0)) })
        for height in [20, 24, 40, 60] {
            let text = LiveReport([many], now: Self.now, height: height).text(style: TerminalStyle(width: 100))
            #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= height + 1)
            #expect(text.contains(" more open spans."))
            #expect(text.contains("request  3 m 20 s"), "the oldest comes first")
            #expect(text.contains(height < 30 ? "81 920 delivered · 1 536 waiting · 1 712 dropped" : "\nExport  "))
            #expect(text.contains("receiver unavailable"))
        }
    }

    @Test("Open spans whose parents form a cycle are shown once")
    func cycle() {
        let process = Self.process([
            Self.open(1, 2, "a", secondsAgo: 3), Self.open(2, 1, "b", secondsAgo: 2),
            Self.open(3, 3, "c", secondsAgo: 1),
        ])
        #expect(process.openForest.map(\.span.name).sorted() == ["a", "b", "c"])
    }

    @Test("Ten thousand nested open spans need no recursion")
    func deep() {
        let spans = (1...10_000).map {
            Self.open(UInt64($0), UInt64($0 - 1), "level", secondsAgo: 100 - Double($0) / 1_000)
        }
        let forest = Self.process(spans.reversed()).openForest
        #expect(forest.map(\.depth) == Array(0..<10_000))
    }

    @Test("Only the last minute counts, and a rate is per second of the known period")
    func window() {
        var recent = RecentOperations()
        for second in 0..<300 {
            let end = Self.now + Int64(second) * 1_000_000_000
            recent.forget(before: end)
            recent.add(name: "tick", start: end - 1_000, end: end, isError: false, now: end)
        }
        let last = Self.now + 299 * 1_000_000_000
        let (operations, seconds) = recent.operations(at: last)
        #expect(seconds == 60)
        #expect((60...61).contains(operations.first?.histogram.count ?? 0))
        recent.add(name: "old", start: 0, end: 1, isError: false, now: last)
        recent.add(name: "absurd", start: .min, end: .max, isError: false, now: last)
        #expect(recent.operations(at: last).operations.map(\.name) == ["tick"])

        var young = RecentOperations()
        for tenth in 0..<40 {
            let end = Self.now + Int64(tenth) * 100_000_000
            young.add(name: "tick", start: end, end: end, isError: false, now: end)
        }
        #expect(abs(young.operations(at: Self.now + 4_000_000_000).seconds - 4) < 0.01)
    }

    @Test("The JSON of a frame is valid", .needs(.schemas))
    func schema() async throws {
        let folder = TemporaryFolder()
        let frames = [Self.stuck, Self.talkative, Self.process([], hasAccount: false)].map {
            LiveReport([$0], now: Self.now).document.json.compact
        }
        try folder.put("frames.jsonl", Array(frames.joined(separator: "\n").utf8))
        let complaints = try await SchemaJudge.complaints(about: [folder.path("frames.jsonl")])
        #expect(complaints.isEmpty, "\(complaints)")
    }

    @Test("JSON contains everything that the text shows")
    func json() throws {
        struct Process: Decodable {
            struct Destination: Decodable {
                var name: String
                var isFailing: Bool
                var deliveredCount: Int
                var waitingCount: Int
                var inFlightCount: Int
                var droppedCount: Int
                var droppedByReason: [String: Int]
            }
            struct Row: Decodable {
                var name: String
                var depth: Int?
                var count: Int?
                var p99Ns: Int?
            }
            var processId: Int
            var service: String
            var isRunning: Bool
            var ageNs: UInt64
            var logBytes: Int
            var inFilesSpanCount: Int
            var destinations: [Destination]?
            var operations: [Row]
        }
        struct Frame: Decodable {
            var processes: [Process]
            var rows: [Process.Row]
        }
        func read(_ process: LiveProcess) throws -> Frame {
            let text = LiveReport([process], now: Self.now).document.json.text
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(Frame.self, from: Data(text.utf8))
        }
        let frame = try read(Self.stuck)
        let process = try #require(frame.processes.first)
        #expect(process.processId == 4_242 && process.service == "coach" && process.isRunning)
        #expect(process.ageNs == 200_000_000_000)
        #expect(process.logBytes == 40_960 && process.inFilesSpanCount == 1_536)
        let destination = try #require(process.destinations?.first)
        #expect(destination.name == Self.unavailable.name && destination.isFailing)
        #expect(destination.deliveredCount == 81_920 && destination.waitingCount == 1_536)
        #expect(destination.inFlightCount == 512 && destination.droppedCount == 1_712)
        #expect(destination.droppedByReason == ["queue_full": 1_200, "timeout": 512])
        #expect(frame.rows.map(\.depth) == [0, 1, 2, 0])
        #expect(process.operations.map(\.name) == ["query", "request"])
        #expect(process.operations.map(\.count) == [600, 30])
        #expect(process.operations.last?.p99Ns == nil, "fewer than a hundred say nothing about p99")
        #expect(try read(Self.process([], hasAccount: false)).processes.first?.destinations == nil, "it does not tell")
    }

    @Test("CSV contains a row for each open span, parents first")
    func listing() {
        let csv = LiveReport([Self.stuck], now: Self.now).document.rows.csv
        #expect(
            csv.hasPrefix(
                "process_id,service,depth,name,start_unix_ns,age_ns,trace_id,span_id,attributes\n4242,coach,0,conversation_processing_total,"
            )
        )
        #expect(csv.contains("4242,coach,2,step_7_claude_api_call,"))
    }
}
