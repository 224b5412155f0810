import Testing

@testable import SpanKitRecording

@Suite("The tracestate header follows W3C Trace Context level 2")
struct TraceStateTests {
    @Test(
        "members keep their order; spaces, tabs and empty members are removed",
        arguments: [
            ("a=1", "a=1"), ("a=1,b=2", "a=1,b=2"), (" a=1 ,\tb=2\t", "a=1,b=2"), ("a=1,,b=2,", "a=1,b=2"), ("", ""),
            (",", ""), ("a= b c", "a= b c"),
            ("fw529a3039@dt=FfD,0tenant@sys=x", "fw529a3039@dt=FfD,0tenant@sys=x"),
            ("a-b_c*d/e@f=!~", "a-b_c*d/e@f=!~"),
        ]
    )
    func valid(header: String, expected: String) {
        #expect(TraceState([header])?.text == expected)
    }

    @Test(
        "one invalid member makes the whole header invalid",
        arguments: [
            "a", "=1", "a=1,b", "a=", "foo=,bar=3", "bar=3,foo=", "a= ", "a=\t,b=1", "A=1", "_a=1", "@a=1", "a b=1",
            "a =1", "ä=1", "a=ä", "a=1=2", "a=\u{1}",
            "a=\u{7f}",
            "a=1;b=2,B=3", "a=\n",
        ]
    )
    func invalid(header: String) {
        #expect(TraceState([header]) == nil)
    }

    @Test(
        "of several members with the same key, the first is kept",
        arguments: [
            (["foo=1,foo=2"], "foo=1"), (["foo=1,foo=1"], "foo=1"), (["foo=1", "foo=2"], "foo=1"),
            (["foo=1,bar=2,foo=3"], "foo=1,bar=2"), (["bar=2,foo=1", "foo=2,baz=3,bar=4"], "bar=2,foo=1,baz=3"),
        ]
    )
    func duplicates(headers: [String], expected: String) {
        #expect(TraceState(headers)?.text == expected)
    }

    @Test("members with a repeated key are validated and counted as well")
    func invalidDuplicates() {
        #expect(TraceState(["foo=1,foo="]) == nil)
        #expect(TraceState(["foo=1,foo=2=3"]) == nil)
        let same = Array(repeating: "k=v", count: 33)
        #expect(TraceState([same.dropLast().joined(separator: ",")])?.text == "k=v")
        #expect(TraceState([same.joined(separator: ",")]) == nil)
    }

    @Test("keys and values have at most 256 characters, and there are at most 32 members")
    func limits() {
        let long = String(repeating: "k", count: 256)
        #expect(TraceState(["\(long)=v"]) != nil)
        #expect(TraceState(["\(long)k=v"]) == nil)
        #expect(TraceState(["k=\(long)"]) != nil)
        #expect(TraceState(["k=\(long)k"]) == nil)
        let members = (0..<33).map { "k\($0)=v" }
        #expect(TraceState([members.dropLast().joined(separator: ",")]) != nil)
        #expect(TraceState([members.dropLast().joined(separator: ", ,")]) != nil, "empty members do not count")
        #expect(TraceState([members.joined(separator: ",")]) == nil)
    }

    @Test("several headers are one list, in order")
    func several() {
        #expect(TraceState(["a=1,b=2", "c=3"])?.text == "a=1,b=2,c=3")
        #expect(TraceState(["", "c=3", ""])?.text == "c=3")
    }

    @Test(
        "of a header above 512 characters, whole members are dropped: those above 128 characters first, then the last ones"
    )
    func cut() {
        func member(_ key: String, _ length: Int) -> String {
            "\(key)=\(String(repeating: "v", count: length - key.utf8.count - 1))"
        }
        let fits = [member("a", 128), member("b", 128), member("c", 128), member("d", 125)]
        #expect(TraceState([fits.joined(separator: ",")])?.text == fits.joined(separator: ","), "512")
        let large = [member("large", 129), member("a", 128), member("b", 128), member("c", 128), member("d", 1 + 2)]
        #expect(TraceState([large.joined(separator: ",")])?.text == large.dropFirst().joined(separator: ","))
        let many = (0..<8).map { member("k\($0)", 100) }
        #expect(TraceState([many.joined(separator: ",")])?.text == many.prefix(5).joined(separator: ","))
        #expect(
            TraceState([member("k", 256) + "," + member("l", 258)])?.text == member("k", 256),
            "only as many as necessary"
        )
    }

    @Test("an invalid tracestate is dropped without the parent; an invalid parent is dropped with its tracestate")
    func together() throws {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        func extract(_ parent: String, _ state: [String]) -> SpanContext? {
            TraceContextPropagator.extract { $0 == "traceparent" ? [parent] : state }
        }
        #expect(try #require(extract(parent, ["a=1", "b=2"])).traceState == "a=1,b=2")
        #expect(try #require(extract(parent, ["foo=1,foo=2"])).traceState == "foo=1")
        #expect(try #require(extract(parent, ["foo=,bar=3"])).traceState.isEmpty)
        #expect(extract("00-\(parent)", ["a=1"]) == nil)
    }

    @Test("an invalid trace state of a context is not sent, so a line break cannot add a header")
    func injection() {
        func sent(_ state: String) -> [String: String] {
            var context = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(rawValue: 3))
            context.traceState = state
            var headers: [String: String] = [:]
            TraceContextPropagator.inject(context) { headers[$0] = $1 }
            return headers
        }
        #expect(sent("a=1, b=2")["tracestate"] == "a=1,b=2")
        #expect(sent("a=1\r\nX-Admin: yes")["tracestate"] == nil)
        #expect(sent("a=1\r\nX-Admin: yes").count == 1)
        #expect(sent(" ")["tracestate"] == nil)
    }
}
