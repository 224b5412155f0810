import Testing

@testable import SpanKitReports

@Suite("Numbers of metrics in tables")
struct MetricUnitTests {
    @Test(
        "numbers have the format of other tables, and very large and small ones a power of ten",
        arguments: [
            (0, "0"), (-3, "−3"), (12_345, "12 345"), (0.25, "0.2500"), (-0.001234, "−0.001234"),
            (999_999_999_999_999, "999 999 999 999 999"), (1e15, "1 × 10¹⁵"), (-1e15, "−1 × 10¹⁵"),
            (1.5372286728091293e+17, "1.537 × 10¹⁷"), (9.22337203685477e18, "9.223 × 10¹⁸"),
            (9.9994e20, "9.999 × 10²⁰"),
            (9.9995e20, "1 × 10²¹"), (9.9896e20, "9.99 × 10²⁰"), (1_234_567_890_123_456, "1.235 × 10¹⁵"),
            (5e-5, "5 × 10⁻⁵"), (-1.23456e-7, "−1.235 × 10⁻⁷"), (.leastNonzeroMagnitude, "5 × 10⁻³²⁴"),
            (.greatestFiniteMagnitude, "1.798 × 10³⁰⁸"),
        ] as [(Double, String)]
    )
    func numbers(_ value: Double, _ text: String) {
        #expect(MetricUnit(text: "").readable(value) == text)
        #expect(MetricUnit(text: "kg").readable(value) == "\(text) kg")
        #expect(MetricUnit(text: "{request}").readable(value) == text)
    }
}
