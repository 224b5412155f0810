import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Log records at a strict receiver", .generousTimeLimit)
struct LogReceiverTests {
    @Test("rotel takes every log record, whatever its values are", .needs(.rotel), arguments: OTLPProtocol.allCases)
    func values(transport: OTLPProtocol) async throws {
        let rotel = try await Receiver.rotel()
        defer { rotel.stop() }
        let isGRPC = transport == .grpc
        let exporter = OTLPExporter(url: isGRPC ? rotel.grpcURL : "\(rotel.url)/v1/logs", protocol: transport)
        let run = try ShippingRun([], logs: [.otlp(exporter)])
        let values: [AttributeValue] = [
            "text", "", 1, 0.5, .double(.nan), .double(.infinity), .double(-.infinity), true, .null, .bytes([0, 255]),
            .bytes([]), .array([]), .array([1, .null, .double(.nan), ["a"], .array([])]), .map([]),
            .map([Attribute("a", .null), Attribute("b", .map([Attribute("c", .double(.infinity))]))]),
            .string("\u{0}\u{1}\u{7F}\u{FFFD}\u{10FFFF}"),
        ]
        let count = 1_000
        for number in 0..<count {
            let logs = Logs(run.recorder, "logger \(number % 3)")
            let value = values[number % values.count]
            logs.emit(.warn, .string("record \(number)"), ["number": .int(Int64(number)), "value": value])
        }
        for value in values { Logs(run.recorder).emit(.info, value) }
        Logs(run.recorder).emit(.info, nil, eventName: "an.event")
        run.shutdown()
        let account = run.logsAccount
        #expect(account.isBalanced && account.destinations.first?.exported == UInt64(count + values.count + 1))
        let records = try await eventually("rotel prints all of them", rotel.logRecordCount) {
            $0 >= count + values.count + 1
        }
        #expect(records == count + values.count + 1)
        let bodies = Set(rotel.logBodies)
        let missing = (0..<count).filter { !bodies.contains("Str(record \($0))") }
        #expect(missing.isEmpty, "\(missing.count) are missing")
    }
}
