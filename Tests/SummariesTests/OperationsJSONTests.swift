import Foundation
import SpanKitPercentiles
import SpanKitSummaries
import Testing

@Suite("Operations as JSON")
struct OperationsJSONTests {
    @Test("JSON contains plain numbers and the whole distribution as base64")
    func export() throws {
        let snapshots = SampleOperations.snapshots
        let json = try OperationsJSON(snapshots.reversed()).json()
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
        #expect(object["formatVersion"] as? Int == 1)
        let operations = try #require(object["operations"] as? [[String: Any]])
        #expect(operations.count == snapshots.count)
        #expect(operations[0]["name"] as? String == "request", "costliest first")

        let expected = try #require(snapshots.first { $0.name == "request" })
        #expect(operations[0]["count"] as? UInt64 == 24)
        #expect(operations[0]["errorCount"] as? UInt64 == 2)
        #expect(operations[0]["totalNanoseconds"] as? UInt64 == expected.statistics.totalNanoseconds)
        #expect(operations[0]["p99Nanoseconds"] as? UInt64 == UInt64(expected.statistics.p99Nanoseconds.rounded()))
        let base64 = try #require(operations[0]["histogram"] as? String)
        let bytes = try #require(Data(base64Encoded: base64))
        #expect(try ExponentialHistogram(serialized: [UInt8](bytes)) == expected.histogram)
    }

    @Test("Without operations the list is empty, and equal inputs give equal bytes")
    func stable() throws {
        #expect(String(decoding: try OperationsJSON([]).json(), as: UTF8.self).contains("\"operations\" : ["))
        let snapshots = SampleOperations.snapshots
        #expect(try OperationsJSON(snapshots).json() == OperationsJSON(snapshots.reversed()).json())
        let read = try JSONDecoder().decode(OperationsJSON.self, from: Data(try OperationsJSON(snapshots).json()))
        #expect(read == OperationsJSON(snapshots))
    }
}
