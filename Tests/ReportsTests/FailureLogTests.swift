import SpanKitInputs
import SpanKitRecording
import SpanKitSummaries
import Testing

@testable import SpanKitReports

@Suite("Failures that log records describe")
struct FailureLogTests {
    private struct Row: Equatable {
        var name: String
        var type: String?
        var message: String?
        var count = 1
    }

    private func rows(_ spans: [DecodedSpan], _ logs: [DecodedLog]) -> (rows: [Row], outside: Int) {
        var groups = FailureGroups()
        let assembler = SampleLogs.assembler(spans, logs, details: .causes) { trace, _ in groups.add(trace) }
        let rows = groups.sorted(names: assembler.names).map {
            Row(
                name: assembler.names[$0.key.name],
                type: $0.key.cause.errorType?.text,
                message: $0.key.cause.message?.text,
                count: $0.count
            )
        }
        return (rows, groups.failureCountOutsideSpans + assembler.leftOutLogs.failureCount)
    }

    private func span(_ id: UInt64, _ status: RecordedSpan.Status, event: Bool = false, _ attributes: Attribute...)
        -> DecodedSpan
    {
        var span = SampleTraces.span(id, "charge", 0, 10, attributes: attributes)
        span.span.status = status
        if event {
            let attributes = [
                Attribute("exception.type", "PoolError"), Attribute("exception.message", "pool 7 exhausted"),
            ]
            span.span.events = [.init(name: "exception", unixNanoseconds: SampleTraces.origin, attributes: attributes)]
        }
        return span
    }

    private static let record = SampleLogs.exception("PoolError", "pool 7 exhausted", span: 1)
    private static let wanted = [Row(name: "charge", type: "PoolError", message: "pool … exhausted")]

    @Test("An exception has the same cause and counts once as a span event, as a log record, or as both")
    func forms() {
        for status in [RecordedSpan.Status.unset, .error("it broke")] {
            #expect(rows([span(1, status, event: true)], []).rows == Self.wanted)
            #expect(rows([span(1, status)], [Self.record]).rows == Self.wanted)
            #expect(rows([span(1, status, event: true)], [Self.record]).rows == Self.wanted)
            // In any number of records.
            #expect(rows([span(1, status)], [Self.record, Self.record, Self.record]).rows == Self.wanted)
        }
    }

    @Test("The status ok, an exception that was handled, and other records do not make a span a failed one")
    func fine() {
        #expect(rows([span(1, .ok)], [Self.record]).rows == [])
        for severity in [5, 13] as [UInt8] {
            #expect(rows([span(1, .unset)], [SampleLogs.exception("E", "x", severity: severity, span: 1)]).rows == [])
        }
        #expect(rows([span(1, .unset)], [SampleLogs.log("it broke", severity: 17, span: 1)]).rows == [])
        // Without a severity, an exception is not known to be handled.
        #expect(rows([span(1, .unset)], [SampleLogs.exception("E", "x", severity: 0, span: 1)]).rows.count == 1)
    }

    @Test("error.type goes before the type of a record, an HTTP status after it")
    func types() {
        let timeout = Attribute("error.type", "timeout")
        let status = Attribute("http.response.status_code", 503)
        for code in [RecordedSpan.Status.unset, .error("")] {
            #expect(rows([span(1, code, timeout)], [Self.record]).rows.first?.type == "timeout")
            #expect(rows([span(1, code, status)], [Self.record]).rows.first?.type == "PoolError")
            let untyped = SampleLogs.log("x", severity: 17, span: 1, event: "exception")
            #expect(rows([span(1, code, status)], [untyped]).rows == [Row(name: "charge", type: "503", message: "x")])
        }
    }

    @Test("A handled exception and the message of an error are the cause of a span that failed anyway")
    func weakCauses() {
        let handled = SampleLogs.exception("E", "no answer", severity: 13, span: 1)
        #expect(rows([span(1, .error(""))], [handled]).rows == [Row(name: "charge", type: "E", message: "no answer")])
        let error = SampleLogs.log("cannot charge 12", severity: 18, span: 1)
        #expect(rows([span(1, .error(""))], [error]).rows == [Row(name: "charge", message: "cannot charge …")])
        #expect(rows([span(1, .error("status"))], [error]).rows == [Row(name: "charge", message: "status")])
        // A warning is not a cause.
        let warning = SampleLogs.log("slow", severity: 13, span: 1)
        #expect(rows([span(1, .error(""))], [warning]).rows == [Row(name: "charge")])
    }

    @Test("A failure that a record describes is passed on to parents and counts once")
    func passedOn() {
        let spans = [
            SampleTraces.span(1, "request", 0, 100, isError: true), SampleTraces.span(2, parent: 1, "query", 10, 20),
        ]
        let found = rows(spans, [SampleLogs.exception("E", "x", span: 2)])
        #expect(found.rows == [Row(name: "query", type: "E", message: "x")] && found.outside == 0)
    }

    @Test("An exception in no span of the input is not a failure, and is counted")
    func outside() {
        let logs = [
            SampleLogs.exception("E", "lost span", span: 9), SampleLogs.exception("E", "lost trace", span: 1, trace: 5),
            SampleLogs.exception("E", "handled", severity: 13, span: 9), SampleLogs.log("x", severity: 17),
        ]
        var traceless = SampleLogs.exception("E", "no trace", span: 0)
        traceless.traceID = nil
        let found = rows([span(1, .unset)], logs + [traceless])
        #expect(found.rows == [] && found.outside == 3)
    }

    @Test("The tree and the page mark the same spans as failed, and JSON has the cause with its whole message")
    func marks() {
        let (traces, names) = SampleLogs.assemble([span(1, .unset)], [Self.record], details: .typed)
        #expect(traces[0].errorCount == 1)
        let json = TreeReport(traces[0], names: names).document.json.compact
        #expect(json.contains("\"error_type\":\"PoolError\",\"error_message\":\"pool 7 exhausted\""), "\(json)")
        #expect(json.contains("\"event_name\":\"exception\"") && json.contains("\"log_count\":1"))
        for details in [TraceSpan.DetailLevel.folded, .full, .page, .causes] {
            #expect(SampleLogs.assemble([span(1, .unset)], [Self.record], details: details).0[0].errorCount == 1)
        }
    }
}
