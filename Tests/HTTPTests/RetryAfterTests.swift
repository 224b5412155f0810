import Testing

@testable import SpanKitHTTP

@Suite("Retry-After")
struct RetryAfterTests {
    @Test(
        "all forms of Retry-After are read",
        arguments: [
            ("0", 0), ("7", 7), (" 120 ", 120), ("Sun, 06 Nov 1994 08:49:47 GMT", 10),
            ("Sunday, 06-Nov-94 08:49:47 GMT", 10), ("Sun Nov  6 08:49:47 1994", 10),
            ("Sun, 06 Nov 1994 08:49:00 GMT", 0), ("99999999999999999999", 31_536_000), ("1.5", 1.5), ("3.", 3),
        ]
    )
    func retryAfter(text: String, seconds: Double) {
        #expect(RetryAfter.parse(text, unixSeconds: 784_111_777) == .seconds(seconds))
    }

    @Test(
        "an invalid Retry-After is ignored",
        arguments: ["", "-1", "soon", "nan", "1.5.2", ".5", "1e3", "0x10", "Sun, 31 Foo 1994 08:49:37 GMT"]
    )
    func badRetryAfter(text: String) {
        #expect(RetryAfter.parse(text, unixSeconds: 0) == nil)
    }
}
