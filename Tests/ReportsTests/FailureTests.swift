import Foundation
import SpanKitInputs
import SpanKitRecording
import SpanKitSummaries
import SpanKitTestSupport
import Testing

@testable import SpanKitReports

@Suite("Failures by cause")
struct FailureTests {
    @Test(
        "Numbers, ids and quoted values in a message are replaced",
        arguments: [
            ("order 4711 not found after 30.5s", "order … not found after …s"),
            ("pool exhausted after 5000ms (64 of 64 in use)", "pool exhausted after …ms (… of … in use)"),
            ("dial tcp 10.0.0.17:5432: connect: connection refused", "dial tcp …: connect: connection refused"),
            ("session 550e8400-e29b-41d4-a716-446655440000 expired", "session … expired"),
            ("trace 4bf92f3577b34da6a3ce929d0e0e4736 at 0x7fff5fbff8a0", "trace … at …"),
            (
                "duplicate key value violates unique constraint \"users_email_key\"",
                "duplicate key value violates unique constraint \"…\""
            ),
            ("no such file: '/var/lib/it's here'", "no such file: '…'"),
            ("can't read the user's file", "can't read the user's file"),
            ("an unclosed 'quotation", "an unclosed 'quotation"),
            ("HTTP/1.1 503: {\"error\":\"quota\",\"retry\":30}", "HTTP/… …: {\"error\":\"…\",\"retry\":…}"),
            ("until 2026-11-28T10:00:00.123Z", "until …Z"),
            ("E11000 duplicate key, http2 on utf8, user4711", "E11000 duplicate key, http2 on utf8, user…"),
            ("GET /orders/12/items/7 failed", "GET /orders/…/items/… failed"),
            ("Datei „x“ fehlt, “Größe 7” auch", "Datei „x“ fehlt, “…” auch"),
            ("接続がタイムアウトしました（30 秒）", "接続がタイムアウトしました（… 秒）"), ("", ""), ("42", "…"), ("'", "'"), ("deadbeef", "deadbeef"),
            ("say \"a \\\" b\" twice", "say \"…\" twice"),
        ]
    )
    func patterns(message: String, pattern: String) {
        #expect(MessagePattern.pattern(of: message) == pattern)
    }

    @Test("Any text has a pattern, at most three times as long in bytes", arguments: 0..<300)
    func anyMessage(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let pieces = [
            "a", "7", "'", "\"", "`", "“", "”", " ", ":", "-", ".", "0x", "e\u{301}", "\\", "…", "deadbeef1", "ms",
        ]
        let text = (0..<Int.random(in: 0...40, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
        let pattern = MessagePattern.pattern(of: text.joined())
        #expect(pattern.utf8.count <= text.joined().utf8.count * 3)
    }

    /// A span that failed with an exception, in seconds since the start.
    private static func failure(
        _ id: UInt64,
        _ name: String = "query",
        at second: Int64 = 0,
        parent: UInt64 = 0,
        type: String? = "PoolError",
        message: String? = "pool exhausted",
        status: RecordedSpan.Status = .unset,
        attributes: [Attribute] = [],
        service: String = "shop",
        trace: UInt64 = 1
    ) -> DecodedSpan {
        let start = 1_790_000_000_000_000 + second * 1_000_000 - SampleTraces.origin / 1_000
        var span = SampleTraces.span(
            id,
            parent: parent,
            name,
            start,
            start + 5_000,
            attributes: attributes,
            service: service,
            trace: trace
        )
        span.span.status = status
        if type != nil || message != nil {
            let attributes =
                (type.map { [Attribute("exception.type", .string($0))] } ?? [])
                + (message.map { [Attribute("exception.message", .string($0))] } ?? [])
            span.span.events = [.init(name: "exception", unixNanoseconds: start * 1_000, attributes: attributes)]
        }
        return span
    }

    private static func report(_ spans: [DecodedSpan], limit: Int = 20) -> FailureReport {
        let (traces, names) = SampleTraces.assemble(spans, details: .causes)
        var groups = FailureGroups()
        for trace in traces { groups.add(trace) }
        return FailureReport(groups, names: names, limit: limit)
    }

    private func rows(_ report: FailureReport) throws -> [[String: Any]] {
        let json = try JSONSerialization.jsonObject(with: Data(report.listing.json.text.utf8))
        return try #require(json as? [[String: Any]])
    }

    @Test("An exception without a status is a failure, with the status ok it is not; every command says so")
    func exceptionOnly() throws {
        let spans = [Self.failure(1), Self.failure(2, status: .ok), Self.failure(3, type: nil, message: nil)]
        #expect(spans.map { $0.span.isError } == [true, false, false])
        let rows = try rows(Self.report(spans))
        #expect(rows.count == 1)
        #expect(rows[0]["error_type"] as? String == "PoolError")
        #expect(rows[0]["message"] as? String == "pool exhausted")
        #expect(rows[0]["run_fraction"] as? Double == 1.0 / 3)
        let totals = SampleTraces.totals(spans)
        #expect(totals.byTime.map(\.errorCount) == [1])
        let (traces, names) = SampleTraces.assemble(spans, details: .folded)
        #expect(traces[0].errorCount == 1)
        let tree = TreeReport(traces[0], names: names).text(style: TerminalStyle(width: 100))
        #expect(tree.contains("error PoolError: pool exhausted"), "\(tree)")
    }

    @Test("Failures are grouped by service, operation, type and message pattern, the most frequent first")
    func groups() throws {
        let spans = [
            Self.failure(1, at: 30, message: "no order 1"), Self.failure(2, at: 10, message: "no order 22"),
            Self.failure(3, at: 20, message: "no order 3", service: "billing"),
            Self.failure(
                4,
                "send",
                at: 5,
                type: nil,
                message: nil,
                status: .error("quota 7 used"),
                attributes: [Attribute("http.response.status_code", 429)]
            ),
            Self.failure(
                5,
                "send",
                at: 6,
                type: nil,
                message: nil,
                status: .error(""),
                attributes: [Attribute("error.type", "timeout"), Attribute("http.response.status_code", 503)]
            ),
            SampleTraces.span(6, "query", 1, 2, service: "shop"),
        ]
        let rows = try rows(Self.report(spans))
        func column(_ key: String) -> [String] { rows.map { "\($0[key] ?? "")" } }
        #expect(column("service") == ["shop", "billing", "shop", "shop"])
        #expect(column("name") == ["query", "query", "send", "send"])
        #expect(column("error_type") == ["PoolError", "PoolError", "429", "timeout"])
        #expect(column("message") == ["no order …", "no order …", "quota … used", "<null>"])
        #expect(column("count") == ["2", "1", "1", "1"])
        #expect(column("run_count") == ["3", "1", "2", "2"])
        #expect(rows[0]["first_unix_ns"] as? Int == 1_790_000_010_000_000_000)
        #expect(rows[0]["last_unix_ns"] as? Int == 1_790_000_030_000_000_000)
        #expect(rows[0]["span_id"] as? String == "0000000000000001", "the last failure")
        #expect(Self.report(spans).listing.csv.contains(",1790000010000000000,1790000030000000000,"))
        #expect(Self.report(spans.reversed()).listing.csv == Self.report(spans).listing.csv)
    }

    @Test("A failure that a parent passes on counts once; two forms of é are two causes")
    func innermost() throws {
        let passedOn = [Self.failure(1, "request", message: "request failed"), Self.failure(2, parent: 1)]
        #expect(try rows(Self.report(passedOn)).map { $0["name"] as? String } == ["query"])
        let forms = [Self.failure(1, message: "caf\u{E9}"), Self.failure(2, message: "cafe\u{301}")]
        #expect(try rows(Self.report(forms)).count == 2)
        let names = [Self.failure(1, "caf\u{E9}"), Self.failure(2, "cafe\u{301}")]
        #expect(try rows(Self.report(names)).map { $0["run_count"] as? Int } == [1, 1])
    }

    /// Twenty causes as real programs record them.
    private static let real: [(operation: String, type: String?, message: String?)] = [
        (
            "SELECT orders", "PoolTimeoutError",
            "timeout of 30000ms exceeded while waiting for a connection (64 of 64 in use)"
        ),
        (
            "POST /v1/chat/completions", "RateLimitError",
            "Rate limit reached for gpt-4o in organization org-8f2a: Limit 30000, Used 29811"
        ),
        (
            "GET /users/{id}", "java.lang.NullPointerException",
            "Cannot invoke \"com.acme.User.getName()\" because \"user\" is null"
        ),
        ("charge card", "CardDeclined", "card_declined: insufficient_funds"),
        ("HTTP GET", "ECONNREFUSED", "connect ECONNREFUSED 10.4.2.17:8080"),
        ("publish", "KafkaTimeoutException", "Topic order-events not present in metadata after 60000 ms."),
        ("resolve", "UnknownHostException", "payments.internal: Name or service not known"),
        ("render", "TemplateError", nil),
        (
            "INSERT", "UniqueViolation",
            "duplicate key value violates unique constraint \"orders_pkey\" DETAIL: Key (id)=(4711) already exists."
        ),
        ("read", "IOError", "[Errno 28] No space left on device"), ("upload", nil, "413 Request Entity Too Large"),
        ("login", "401", nil), ("GET /health", nil, nil),
        ("decode", "DecodingError", "keyNotFound(CodingKeys(stringValue: \"id\", intValue: nil))"),
        ("handshake", "SSLError", "certificate verify failed: certificate has expired (_ssl.c:1007)"),
        (
            "lock", "DeadlockLoserDataAccessException",
            "Deadlock found when trying to get lock; try restarting transaction"
        ),
        (
            "invoke_agent", "ValidationError",
            "2 validation errors for Answer summary Field required [type=missing, input_value={'text': 'x'}, input_type=dict]"
        ),
        ("翻訳", "エラー", "接続がタイムアウトしました（30 秒）"),
        ("s3", "SlowDown", "Please reduce your request rate. Status Code: 503, Request ID: 4442587FB7D0A2F9"),
        ("long", "Segmentation", String(repeating: "averyveryverylongwordwithoutblanks", count: 5) + " end"),
    ]

    @Test("No cause is cut, at any width", arguments: [20, 40, 60, 80, 120, 160])
    func wholeCauses(width: Int) throws {
        let spans = Self.real.enumerated().map { place, one in
            Self.failure(
                UInt64(place + 1),
                one.operation,
                at: Int64(place * 40),
                type: one.type,
                message: one.message,
                status: .error(""),
                service: place % 3 == 0 ? "shop" : "billing-service"
            )
        }
        let style = TerminalStyle(width: width, widest: TerminalStyle.widestTraces)
        let report = Self.report(spans)
        let text = report.text(style: style)
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.allSatisfy { displayWidth($0) <= style.width })
        // Without the columns of numbers, and without line breaks, each cause is there in full.
        let flat = lines.map { $0.replacing(#/ +1 +[0-9.]+ % *$/#, with: "") }.joined().filter { $0 != " " }
        let listing = report.listing
        let type = try #require(listing.columns.firstIndex { $0.key == "error_type" })
        let message = try #require(listing.columns.firstIndex { $0.key == "message" })
        for group in listing.rows {
            guard case .text(let type, _) = group[type], case .text(let message, _) = group[message] else { continue }
            #expect(flat.contains("\(type): \(message)".filter { $0 != " " }), "\(type) \(message) in \(text)")
        }
        for one in Self.real { #expect(flat.contains(one.operation.filter { $0 != " " })) }
        #expect(text.contains(FailureCause.unknown.prefix(8)))
        if [40, 60, 120].contains(width) { try Golden.expect(text, "errors-\(width).txt") }
    }

    @Test("What the limit leaves out is in the title; equal counts have one order")
    func limits() throws {
        let spans = (1...83).map { Self.failure(UInt64($0), "operation \(String(repeating: "x", count: $0))") }
        let report = Self.report(spans)
        #expect(
            report.text(style: TerminalStyle(width: 80)).hasPrefix(
                "Errors  83 failures · 20 of 83 causes · in 1 of 1 trace\n"
            )
        )
        #expect(report.listing.rows.count == 20)
    }

    @Test("Only traces with a failure count as failed; a passed-on error does not make a second one")
    func failedTraces() throws {
        let spans =
            (1...9 as ClosedRange<UInt64>).map { SampleTraces.span(1, "load", 0, 10, trace: $0) }
            + [Self.failure(2, "inner", parent: 1, trace: 3), Self.failure(3, "other", parent: 1, trace: 3)]
            + [Self.failure(1, "outer", trace: 10), Self.failure(2, "inner", parent: 1, trace: 10)]
        let report = Self.report(spans)
        let json = report.document.json.compact
        #expect(json.contains("\"failure_count\":3,\"failed_trace_count\":2,\"trace_count\":10,"), "\(json)")
        #expect(report.text(style: TerminalStyle(width: 80)).contains(" · in 2 of 10 traces\n"))
    }

    @Test("Beyond the maximum number of causes, failures are counted together")
    func manyCauses() throws {
        /// A word without digits, which would be replaced.
        func word(_ number: Int) -> String {
            String("\(number)".compactMap { $0.wholeNumberValue.map { Array("abcdefghij")[$0] } })
        }
        let spans = (0..<(FailureGroups.groupLimit + 10)).map { Self.failure(UInt64($0 + 1), message: word($0)) }
        let (traces, names) = SampleTraces.assemble(spans, details: .causes)
        var groups = FailureGroups()
        for trace in traces { groups.add(trace) }
        let counts = FailureReport(groups, names: names, limit: .max).listing.rows.map { $0[4] }
        #expect(groups.count == spans.count)
        #expect(groups.ungroupedCount == 10)
        #expect(counts.count == FailureGroups.groupLimit + 1)
        #expect(counts.first == .whole(10))
    }
}
