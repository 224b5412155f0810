import SpanKitTestSupport
import Testing

@testable import SpanKitRecording

@Suite("Patterns with ? and *")
struct TextPatternsTests {
    @Test(
        "? matches one character, * any number of them, and other characters themselves",
        arguments: [
            ("", "", true), ("", "a", false), ("a", "a", true), ("a", "A", false), ("a", "ab", false),
            ("?", "", false), ("?", "a", true), ("?", "é", true), ("?", "ab", false), ("a?c", "abc", true),
            ("*", "", true), ("*", "anything", true), ("/internal/*", "/internal/", true),
            ("/internal/*", "/internal/a/b", true), ("/internal/*", "/internal", false),
            ("*.jpg", "a.jpg.jpg", true), ("*a*b*", "xxaxxbxx", true), ("*a*b*", "xxbxxaxx", false),
            ("4??", "404", true), ("4*", "40", true), ("4?", "404", false), ("a**b", "ab", true),
            ("*?", "", false), ("*?", "x", true), ("process.*", "process.pid", true),
            ("process.*", "processXpid", false),
            ("[a]", "a", false), ("a.c", "abc", false), ("\\*", "\\x", true), ("*", "line\nline", true),
        ]
    )
    func pattern(_ pattern: String, _ text: String, _ isMatch: Bool) {
        #expect(WildcardPattern(pattern).matches(text) == isMatch)
    }

    @Test("included and not excluded; without included patterns, everything is included")
    func choice() {
        let both = TextPatterns(included: ["/internal/*"], excluded: ["/internal/special/*"])
        #expect(both.match("/internal/users"))
        #expect(!both.match("/internal/special/x"))
        #expect(!both.match("/public"))
        let rest = TextPatterns(included: [], excluded: ["/health*"])
        #expect(rest.match("/public") && !rest.match("/healthz"))
        #expect(TextPatterns(included: [], excluded: []).match(""))
    }

    @Test("a pattern of many stars takes at most the product of both lengths")
    func hostilePattern() {
        let pattern = WildcardPattern(String(repeating: "*a", count: 1_000) + "b")
        // Trying all combinations would practically never end.
        #expect(!pattern.matches(String(repeating: "a", count: 5_000)))
    }

    @Test("random patterns match like the equivalent regular expression")
    func againstRegex() throws {
        var random = SplitMix64(seed: 11)
        for _ in 0..<2_000 {
            let pattern = String(
                (0..<Int.random(in: 0...6, using: &random)).map { _ in "ab?*".randomElement(using: &random) ?? "a" }
            )
            let text = String(
                (0..<Int.random(in: 0...8, using: &random)).map { _ in "ab".randomElement(using: &random) ?? "a" }
            )
            let regex = try Regex(pattern.replacing("?", with: ".").replacing("*", with: "[ab]*"))
            #expect(WildcardPattern(pattern).matches(text) == (text.wholeMatch(of: regex) != nil), "\(pattern) \(text)")
        }
    }
}
