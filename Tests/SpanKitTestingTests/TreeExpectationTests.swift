import SpanKitTesting
import Testing

@Suite("Expected trees")
struct TreeExpectationTests {
    /// Records a fixed tree: two reads that differ in one attribute, and a failed write.
    private func record(_ check: (SpanRecorder) throws -> Void) rethrows {
        try SpanRecorder.record { recorder in
            let profiler = recorder.profiler
            profiler.profile("request") { span in
                span.set("route", "/")
                span.set("size", [1, 2])
                profiler.profile("read") { $0.set("rows", 1) }
                profiler.profile("read") { span in
                    span.set("rows", 2)
                    profiler.profile("decode") {}
                }
                profiler.startSpan("write", kind: .client, attributes: ["sql": "a\nb"]).setStatusAndEnd(.error)
            }
            profiler.profile("audit") {}
            try check(recorder)
        }
    }

    static let whole = """
        request | route=/ | size=[1, 2]
          read | rows=1
          read | rows=2
            decode
          write | client | error | sql=a\\nb
        audit
        """

    @Test("the text of the recorded spans is an expected tree that they match")
    func text() throws {
        try record { recorder in
            #expect(recorder.spans.tree == Self.whole)
            try recorder.spans.expectTree(recorder.spans.tree)
            try #expect(recorder.spans.single("audit").tree == "audit")
            #expect("\(try recorder.spans.single("write"))" == "write | client | error | sql=a\\nb")
        }
    }

    @Test(
        "details can be left out, and siblings are in any order",
        arguments: [
            "request\n  read\n  read\n    decode\n  write\naudit",
            "audit\nrequest\n    write | error\n    read\n        decode\n    read",
            "\naudit | unset | internal\n\nrequest\n  write | client\n  read | rows=2\n    decode\n  read\n",
            // The first line fits both reads, and the second only one of them.
            "request\n  read\n    decode\n  read | rows=1\n  write\naudit",
        ]
    )
    func matching(_ expected: String) throws {
        try record { try $0.spans.expectTree(expected) }
    }

    @Test(
        "each difference is found",
        arguments: [
            "", "audit", "request\n  read\n  read\n    decode\n  write",
            "request\n  read\n  read\n    decode\n  write\naudit\naudit",
            "request\n  read | rows=1\n    decode\n  read\n  write\naudit",
            "request\n  read\n  read\n  decode\n  write\naudit",
            "request\n  read\n  read\n    decode\n  write | ok\naudit",
            "request\n  read\n  read\n    decode\n  write | server\naudit",
            "request | route=/a\n  read\n  read\n    decode\n  write\naudit",
            "request | missing=1\n  read\n  read\n    decode\n  write\naudit",
        ]
    )
    func differing(_ expected: String) {
        #expect(throws: SpanExpectationError.self) { try record { try $0.spans.expectTree(expected) } }
    }

    @Test("an error shows both trees, and marks what has no partner")
    func message() throws {
        record { recorder in
            let expected = """
                request
                  read | rows=1
                  read | rows=3
                    decode
                    check
                  send
                """
            let error = #expect(throws: SpanExpectationError.self) {
                try recorder.spans.expectTree(expected, fileID: "Shop/Tests.swift", line: 7)
            }
            let lines = error?.description.split(separator: "\n").map(String.init) ?? []
            #expect(
                lines.prefix(15) == [
                    "Shop/Tests.swift:7: the spans are not the expected tree",
                    "expected spans:",
                    "  request",
                    "    read | rows=1",
                    "-   read | rows=3",
                    "      decode",
                    "-     check",
                    "-   send",
                    "recorded spans:",
                    "  request | route=/ | size=[1, 2]",
                    "    read | rows=1",
                    "+   read | rows=2",
                    "      decode",
                    "+   write | client | error | sql=a\\nb",
                    "+ audit",
                ]
            )
        }
    }

    @Test("a part of the spans is a tree, and an empty tree is no span")
    func parts() throws {
        try record { recorder in
            try recorder.spans.named("read").expectTree("read\nread\n  decode")
            try recorder.spans.single("write").expectTree("write | error")
            try recorder.spans.named("other").expectTree("")
            let error = #expect(throws: SpanExpectationError.self) {
                try recorder.spans.named("other").expectTree("other", fileID: "a", line: 1)
            }
            let start = "a:1: the spans are not the expected tree\nexpected spans:\n- other\nrecorded spans:\n  no span"
            #expect(error?.description.hasPrefix(start) == true)
        }
    }

    @Test("a line of another form is an error that says what is allowed")
    func invalid() throws {
        record { recorder in
            let error = #expect(throws: SpanExpectationError.self) {
                try recorder.spans.expectTree("request | failed", fileID: "a", line: 1)
            }
            let start =
                "a:1: the expected tree has an invalid line 'request | failed': 'failed' is neither key=value nor one of error, ok, unset, internal,"
            #expect(error?.description.hasPrefix(start) == true)
        }
    }

    @Test("a wide and deep tree is compared in reasonable time")
    func large() throws {
        try SpanRecorder.record { recorder in
            let profiler = recorder.profiler
            for _ in 0..<40 { profiler.profile("root") { for _ in 0..<10 { profiler.profile("child") {} } } }
            let tree = Array(
                repeating: "root\n" + Array(repeating: "  child", count: 10).joined(separator: "\n"),
                count: 40
            )
            try recorder.spans.expectTree(tree.joined(separator: "\n"))
            let other = tree.joined(separator: "\n") + "\n  child"
            #expect(throws: SpanExpectationError.self) { try recorder.spans.expectTree(other) }
        }
    }
}

extension SpanHandle {
    fileprivate func setStatusAndEnd(_ status: RecordedSpan.Status) {
        setStatus(status)
        end()
    }
}
