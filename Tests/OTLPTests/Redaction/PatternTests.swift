import SpanKitTestSupport
import Testing

@testable import SpanKitOTLP

@Suite("Patterns run in bounded time")
struct PatternTests {
    private func redacted(_ text: String, _ pattern: String) throws -> String {
        var redaction = Redaction([.pattern(try Redaction.Pattern(pattern), named: "x")])
        redaction.timeLimit = .generous
        return Redactor(redaction).text(text)
    }

    @Test(
        "the supported syntax of regular expressions",
        arguments: [
            ("ACME-[0-9]{6}", "id ACME-123456, ACME-12345", "id #, ACME-12345"), ("a|bc|d+", "a bc ddd e", "# # # e"),
            (#"\bcat\b"#, "cat concat cat", "# concat #"), ("^ab?c$", "ac", "#"), ("^ab?c$", "ac ", "ac "),
            ("(?i)secret: ?\\S+", "SECRET: héé🎯 x", "# x"), ("[^,]+,", "a,é🎯,b", "##b"),
            ("x.z", "xéz x🎯z x\nz", "# # x\nz"),
            ("a{2,3}", "aaaaa", "##"), ("a{2,}", "aaaaa b", "# b"), ("(?:ab)+", "ababx", "#x"),
            (#"\d+\.\d+"#, "v1.41", "v#"),
            ("é+", "aéé", "a#"), (#"[\w.-]+!"#, "a.b-c! d", "# d"), ("ab|abcd", "abcd", "#"), (#"\[x\]"#, "[x]", "#"),
        ]
    )
    func matches(pattern: String, text: String, expected: String) throws {
        #expect(try redacted(text, pattern) == expected.replacing("#", with: "[redacted:x]"))
    }

    @Test(
        "patterns that are invalid or cannot be bounded are refused, with the place",
        arguments: [
            (#"(a)\1"#, #"\1 is a back-reference"#), ("(?=a)", "only '(?:'"), ("a**", "follows a repetition"),
            ("(a", "')' is expected"), ("a)", "')' has no matching '('"), ("[a", "']' is expected"),
            ("*a", "nothing to repeat"), ("a\\", #"ends with a backslash; write \\ for the character"#),
            ("a{5,2}", "ends before it starts"),
            ("a*", "matches the empty text"), (#"\b"#, "matches the empty text"), ("(((a{99}){99}){99})", "too large"),
            ("[é]", "is not ASCII"), (#"\q"#, #"\q is not supported"#), ("a{9999}", "from 0 to 1000"),
            (String(repeating: "(", count: 60), "more than 50 deep"),
        ]
    )
    func refused(pattern: String, reason: String) {
        let problem = #expect(throws: Redaction.Pattern.Problem.self) { try Redaction.Pattern(pattern) }
        #expect(problem?.description.contains(reason) == true, "\(problem?.description ?? "")")
        #expect(problem?.description.hasPrefix("'\(pattern)'") == true)
    }

    @Test("patterns that make other engines backtrack forever take no longer than others", .generousTimeLimit)
    func catastrophic() throws {
        let text = String(repeating: "a", count: 40) + "!"
        for pattern in ["(a+)+$", "(a|aa)+$", "(a|a?)+b", "(?:a?){40}a{40}b"] {
            #expect(try redacted(text, pattern) == text)
        }
    }

    @Test("the whole text is replaced if a pattern takes longer than allowed")
    func overTime() throws {
        var redaction = Redaction([.pattern(try Redaction.Pattern("(a?){300}b"), named: "x")])
        redaction.timeLimit = .nanoseconds(1)
        let text = String(repeating: "a", count: 10_000)
        #expect(Redactor(redaction).text(text) == "[redacted:pattern failed]")
        #expect(Redactor(redaction).text("short") == "short")
    }
}
