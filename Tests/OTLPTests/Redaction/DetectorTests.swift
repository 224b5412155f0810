import Foundation
import SpanKitTestSupport
import Testing

@testable import SpanKitOTLP

@Suite("The built-in detectors find what they should and nothing else")
struct DetectorTests {
    private func redacted(_ text: String, _ redaction: Redaction = .standard) -> String {
        Redactor(redaction).text(text)
    }

    @Test(
        "keys and tokens with known prefixes are found",
        arguments: [
            ("sk-ant-api03-AbCdEf0123456789_-xyz", "api_key"), ("sk-proj-0123456789abcdefABCDEF", "api_key"),
            ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", "api_key"), ("AKIAIOSFODNN7EXAMPLE", "api_key"),
            ("AIzaSyA-1234567890abcdefghijklmnopqrstu", "api_key"),
            ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "api_key"),
            ("github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz", "api_key"), ("glpat-ABCdef1234567890_xyz", "api_key"),
            ("xoxb-123456789012-abcdefghijkl", "api_key"), ("hf_abcdefghijklmnopqrstuvwxyz012345", "api_key"),
            ("npm_abcdefghijklmnopqrstuvwxyz0123456789", "api_key"),
            ("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", "api_key"),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P", "bearer_token"),
        ]
    )
    func keys(key: String, name: String) {
        let mark = "[redacted:\(name)]"
        #expect(redacted(key) == mark)
        #expect(redacted("before \(key), after") == "before \(mark), after")
        #expect(redacted("{\"a\":\"line\\n\(key)\"}") == "{\"a\":\"line\\n\(mark)\"}", "behind an escape of JSON")
        #expect(redacted("key=\(key)&x=1") == "key=\(mark)&x=1")
        #expect(redacted("🎯\(key)é").hasPrefix("🎯\(mark)"))
    }

    @Test(
        "credentials after Bearer and Basic are found",
        arguments: [
            ("Authorization: Bearer abc.def-123456", "Authorization: Bearer [redacted:bearer_token]"),
            ("bearer AbCdEfGhIjKlMnOpQrStUv", "bearer [redacted:bearer_token]"),
            ("Basic dXNlcjpwYXNzd29yZA==", "Basic [redacted:bearer_token]"), ("Basic knowledge of Swift", nil),
            ("bearer authentication failed", nil), ("a standard-bearer", nil),
        ] as [(String, String?)]
    )
    func authorization(text: String, expected: String?) {
        #expect(redacted(text) == expected ?? text)
    }

    @Test("private keys are found, complete or truncated")
    func privateKeys() {
        let body = String(repeating: "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n", count: 4)
        let key = "-----BEGIN RSA PRIVATE KEY-----\n\(body)-----END RSA PRIVATE KEY-----"
        #expect(redacted("a \(key) b") == "a [redacted:private_key] b")
        #expect(redacted("a \(key.dropLast(60))") == "a [redacted:private_key]")
        #expect(redacted(key.replacing("\n", with: "\\n")) == "[redacted:private_key]")
        let certificate = key.replacing("RSA PRIVATE KEY", with: "CERTIFICATE")
        #expect(redacted(certificate) == certificate)
    }

    @Test(
        "addresses",
        arguments: [
            ("write to ann.lee+x@example.co.uk.", "write to [redacted:email]."),
            ("mailto:ann@example.com?subject=x", "mailto:[redacted:email]?subject=x"),
            ("?user=ann%40example.com&x=1", "?user=[redacted:email]&x=1"),
            ("jürgen@müller.de", "[redacted:email]"), ("<ann@example.com>", "<[redacted:email]>"),
            (#"{"to":"\nann@example.com"}"#, #"{"to":"\n[redacted:email]"}"#),
            (#"{"to":"\u00e9ann@example.com"}"#, #"{"to":"\u00e9[redacted:email]"}"#),
            ("a@b.c, d@e.fg", "a@b.c, [redacted:email]"), ("@mention, 5 @ 3.20, x@localhost, user@1.2.3.4", nil),
            ("https://ann:s3cret@example.com/x", "https://[redacted:url_credentials]@example.com/x"),
            ("postgres://ann@db/x?y@z", "postgres://[redacted:url_credentials]@db/x?y@z"),
        ] as [(String, String?)]
    )
    func addresses(text: String, expected: String?) {
        #expect(redacted(text) == expected ?? text)
    }

    @Test(
        "phone numbers",
        arguments: [
            ("call +49 (0)30 123-4567 now", "call [redacted:phone] now"), ("+14155552671", "[redacted:phone]"),
            ("0049 30 1234567", "[redacted:phone]"), ("(415) 555-2671", "[redacted:phone]"),
            ("415-555-2671", "[redacted:phone]"), ("1-415-555-2671", "[redacted:phone]"),
            ("415.555.2671", "[redacted:phone]"), ("1 415 555 2671", "[redacted:phone]"),
            (#"{"p":"\u00e91-415-555-2671"}"#, #"{"p":"\u00e9[redacted:phone]"}"#),
            (#"{"p":"\n+14155552671"}"#, #"{"p":"\n[redacted:phone]"}"#),
            ("2026-11-24 02:36:19", nil), ("a+1", nil), ("v1.41.1", nil), ("192.168.100.200", nil), ("1700000000", nil),
            ("550e8400-e29b-41d4-a716-446655440000", nil), ("+1", nil), ("1 234 567", nil),
        ] as [(String, String?)]
    )
    func phones(text: String, expected: String?) {
        #expect(redacted(text) == expected ?? text)
    }

    @Test(
        "payment cards with a valid check digit are found, in groups or not",
        arguments: [
            ("4111111111111111", "[redacted:card]"), ("4111 1111 1111 1111", "[redacted:card]"),
            ("5500-0000-0000-0004.", "[redacted:card]."), ("378282246310005", "[redacted:card]"),
            ("order 12 4111 1111 1111 1111 of 2026", "order 12 [redacted:card] of 2026"),
            (#"{"c":"\n4111111111111111"}"#, #"{"c":"\n[redacted:card]"}"#),
            (#"{"c":"\u00e94111111111111111"}"#, #"{"c":"\u00e9[redacted:card]"}"#), ("4111111111111112", nil),
            ("1700000000000000001", nil), ("41111111111111110", nil), ("0.4111111111111111", nil),
            ("a4111111111111111", nil), ("0a1b4111111111111111", nil),
        ] as [(String, String?)]
    )
    func cards(text: String, expected: String?) {
        #expect(redacted(text) == expected ?? text)
    }

    @Test(
        "typical content of spans is not changed",
        arguments: [
            "step_7_claude_api_call", "claude-sonnet-4-5-20250929", "gen_ai.usage.input_tokens", "text/event-stream",
            "SELECT id FROM messages WHERE session_id = ? LIMIT 20", "http://127.0.0.1:4318/v1/traces",
            "risk-assessment-model",
            "task-0123456789abcdefghij", "0102030405060708090a0b0c0d0e0f10", "2026-11-24T02:36:19.123456789Z",
            "Debian GNU/Linux 13 (trixie)", "1,234,567.89 €", "https://opentelemetry.io/schemas/1.41.1", "-----",
            "a_b-c.d", "",
        ]
    )
    func harmless(text: String) {
        #expect(redacted(text) == text)
    }

    @Test("each mode leaves what it documents")
    func modes() {
        let text = "an ann@example.com é"
        #expect(redacted(text, Redaction([.detectors(.emails, .length)])) == "an [redacted:email 15 characters] é")
        #expect(
            redacted(text, Redaction([.detectors(.emails, .truncate(to: 3))]))
                == "an ann[redacted:email 12 characters] é"
        )
        #expect(redacted(text, Redaction([.detectors(.emails, .truncate(to: 99))])) == text)
        var hashing = Redaction([.detectors(.emails, .hash)])
        hashing.hashKey = Array("key".utf8)
        let hashed = redacted(text, hashing)
        #expect(hashed.wholeMatch(of: /an \[redacted:email [0-9a-f]{16}\] é/) != nil)
        #expect(redacted(text, hashing) == hashed, "equal texts stay recognisable")
        hashing.hashKey = Array("other".utf8)
        #expect(redacted(text, hashing) != hashed, "but not without the key")
        #expect(redacted("x@example.com", Redaction([.detectors([.paymentCards])])) == "x@example.com")
    }

    @Test("SHA-256 and HMAC give the published values")
    func hash() {
        func hex(_ bytes: [UInt8]) -> String { bytes.map { String(format: "%02x", $0) }.joined() }
        #expect(
            hex(SHA256.digest(Array("abc".utf8))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        #expect(hex(SHA256.digest([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        let long = [UInt8](repeating: 0x61, count: 1_000)
        #expect(hex(SHA256.digest(long)) == "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3")
        // RFC 4231, test case 2.
        #expect(
            hex(SHA256.authenticate(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8)))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        )
    }

    @Test("scanning random bytes does not trap, and replacements are well-formed")
    func fuzz() {
        var random = SplitMix64(seed: 11)
        let redactor = Redactor(Redaction([.detectors(.all, .truncate(to: 2))]))
        let pieces = [
            "@", "%40", "+49", "4111 1111 1111 1111", "sk-", "-----BEGIN ", "PRIVATE KEY", "\\u", "\\n", "://", "eyJ",
            ".", "é", "🎯", "ann@b.co",
        ]
        for _ in 0..<20_000 {
            var text = ""
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                text +=
                    Bool.random(using: &random)
                    ? pieces.randomElement(using: &random) ?? "" : HostileText.make(&random, 0...6)
            }
            // On separate lines, because next to other digits and letters they are not found.
            let secrets = ["ann@b.co", "4111 1111 1111 1111"]
            for secret in secrets { text += "\n\(secret)\n" }
            let left = redactor.text(text)
            let shown = left.split(separator: "\n").first { secrets.contains(String($0)) }
            #expect(shown == nil, "\(text.debugDescription) → \(left.debugDescription)")
            // By scalars: a combining one behind a mark is not part of it.
            let mark = /\[redacted:[a-z_]+( [0-9]+ characters)?\]/.matchingSemantics(.unicodeScalar)
            let marks = left.matches(of: mark).count
            #expect(marks == left.ranges(of: "[redacted:").count, "\(left.debugDescription)")
            #expect(marks > 0, "\(text.debugDescription) → \(left.debugDescription)")
        }
    }
}
