import SpanKitTestSupport
import Testing

@testable import SpanKitPercentiles

@Suite("The buckets of the SQL functions are ours")
struct SQLStepsTests {
    @Test("The 256 edges of an octave in functions.sql are those of BucketIndex")
    func steps() throws {
        let text = try PackageFiles.text("collector-config/clickhouse/functions.sql")
        let list = try #require(text.firstMatch(of: /spankit_steps AS \(\) -> \[([0-9,\s]+)\]::Array\(UInt64\)/))
        let steps = list.1.split { !$0.isNumber }.compactMap { UInt64($0) }
        // floor(10^9 · 2^33 · 2^(step/256)); the power is in 1.127 fixed point.
        let expected = (0..<256).map { step in
            let product = BucketIndex.power(step: step, scale: 8).multipliedFullWidth(by: 1_000_000_000)
            return UInt64(product.high << 34 | product.low >> 94)
        }
        #expect(steps == expected)
    }
}
