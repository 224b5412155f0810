import SpanKitHTTP
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Interpretation of answers")
struct AnswerTests {
    private func verdict(
        _ status: Int,
        _ body: String = "",
        type: String = "application/json",
        retryAfter: String? = nil
    )
        -> Verdict
    {
        var answer = HTTPAnswer()
        answer.status = status
        answer.contentType = type
        answer.retryAfter = retryAfter
        answer.body = Array(body.utf8)
        return Verdict(answer, unixSeconds: 784_111_777)
    }

    @Test(
        "all forms of full success are accepted",
        arguments: ["", "{}", "{\"partialSuccess\":{}}", "{\"partialSuccess\":null}", "not json"]
    )
    func success(body: String) {
        #expect(verdict(200, body) == .accepted(rejected: 0, message: ""))
        #expect(verdict(202, body, type: "text/html") == .accepted(rejected: 0, message: ""))
    }

    @Test(
        "a web page does not count as success",
        arguments: [
            "<!doctype html><html><body>Sign in</body></html>", "\n\u{FEFF}<!DOCTYPE HTML PUBLIC \"-//W3C\">",
            "<html lang=\"en\">",
        ],
        [200, 202]
    )
    func webPage(body: String, status: Int) {
        for type in ["text/html", "application/json", ""] {
            #expect(
                verdict(status, body, type: type)
                    == .again(after: nil, reason: "status \(status), a web page instead of an OTLP answer")
            )
        }
        #expect(verdict(status, "<body>", type: "text/html") != .accepted(rejected: 0, message: ""))
        #expect(verdict(status, "OK", type: "text/html") == .accepted(rejected: 0, message: ""))
    }

    @Test("rejectedSpans may be a string or a number")
    func rejected() {
        #expect(
            verdict(200, #"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"bad"}}"#)
                == .accepted(rejected: 3, message: "bad")
        )
        #expect(verdict(200, #"{"partialSuccess":{"rejectedSpans":3}}"#) == .accepted(rejected: 3, message: ""))
        #expect(verdict(200, #"{"partialSuccess":{"rejectedSpans":-3}}"#) == .accepted(rejected: 0, message: ""))
    }

    @Test("partial success in protobuf")
    func protobuf() {
        var answer = HTTPAnswer()
        answer.status = 200
        answer.contentType = "application/x-protobuf"
        answer.body = [0x0A, 0x07, 0x08, 0x03, 0x12, 0x03, 0x62, 0x61, 0x64]
        #expect(Verdict(answer, unixSeconds: 0) == .accepted(rejected: 3, message: "bad"))
    }

    @Test("exactly four statuses are retried")
    func statuses() {
        for status in 300..<600 {
            let again = [429, 502, 503, 504].contains(status)
            switch verdict(status) {
            case .again: #expect(again, "\(status)")
            case .refused(let reason, _): #expect(!again && reason == .status(status))
            case .split: #expect(status == 413)
            case .accepted: Issue.record("\(status) is no success")
            }
        }
    }

    @Test("Retry-After is respected")
    func retryAfter() {
        #expect(verdict(503, retryAfter: "7") == .again(after: .seconds(7), reason: "status 503"))
        #expect(verdict(503, retryAfter: "soon") == .again(after: nil, reason: "status 503"))
    }

    @Test("a long or multi-line message becomes one short line")
    func messages() {
        guard case .refused(_, let reason) = verdict(400, #"{"message":"a\nb \#(String(repeating: "x", count: 500))"}"#)
        else {
            Issue.record("400 is refused")
            return
        }
        #expect(!reason.contains("\n"))
        #expect(reason.count < 230)
    }

    @Test("no answer crashes the parser")
    func fuzz() {
        var random = SplitMix64(seed: 5)
        let seeds = [
            #"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"bad \u00e9\ud83d\ude00"}}"#, "{\"message\":\"x\"}",
            "Sun, 06 Nov 1994 08:49:37 GMT", "\u{0A}\u{07}\u{08}\u{03}",
        ].map { Array($0.utf8) }
        for _ in 0..<FuzzRounds.count {
            var bytes = seeds.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                switch Int.random(in: 0..<3, using: &random) {
                case 0 where !bytes.isEmpty:
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
                case 1:
                    bytes.insert(.random(in: 0...255, using: &random), at: .random(in: 0...bytes.count, using: &random))
                default: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
                }
            }
            var answer = HTTPAnswer()
            answer.status = [200, 400, 503, 413].randomElement(using: &random) ?? 200
            answer.contentType = ["application/json", "application/x-protobuf", ""].randomElement(using: &random) ?? ""
            answer.body = bytes
            answer.retryAfter = String(decoding: bytes, as: UTF8.self)
            let reason: String
            switch Verdict(answer, unixSeconds: 0) {
            case .accepted(let rejected, let message):
                #expect(answer.status == 200 && rejected >= 0)
                reason = message
            case .again(let after, let text):
                #expect(answer.status == 503 && after.map { $0 >= .zero } ?? true)
                reason = text
            case .split(let text, let status):
                #expect(status == answer.status && status != 200 && status != 503)
                reason = text
            case .refused(_, let text):
                #expect(answer.status == 400)
                reason = text
            }
            #expect(reason.count <= 220)
            #expect(!reason.unicodeScalars.contains { $0.value < 0x20 }, "\(reason.debugDescription)")
        }
    }
}
