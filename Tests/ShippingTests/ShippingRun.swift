import Foundation
import OTLP
import Percentiles
import Platform
import Recording
import TestSupport

@testable import Shipping

/// A recorder with a shipper behind it, as a program has them.
final class ShippingRun: Sendable {
    let recorder: Recorder
    let shipper: Shipper
    private let lines: Locked<[String]>

    /// - Parameter logBytes: of the span log.
    init(
        _ exporters: [SpanExporter],
        batch: BatchSettings = .quick,
        tailSampling: TailSampling? = nil,
        spool: SpoolConfiguration? = nil,
        logBytes: Int = 64 * 1_024 * 1_024,
        service: String = "test"
    ) throws {
        let lines = Locked<[String]>([])
        self.lines = lines
        let log = ProfilerLog { level, line in lines.withLock { $0.append("\(level): \(line)") } }
        var configuration = RecordingConfiguration()
        configuration.logBytes = logBytes
        configuration.whenLogIsFull = .dropNewest
        let handle = spool.flatMap { SpoolHandle.make($0, log) }
        guard let recorder = Recorder.make(configuration, file: handle?.makeRegionFile(log) ?? -1) else {
            throw ShippingRunFailure.noRecorder
        }
        let resource = Resource(attributes: [Attribute("service.name", .string(service))])
        if handle != nil { recorder.describe(resource: resource.attributes) }
        guard
            let shipper = Shipper.start(
                recorder: recorder,
                exporters: exporters,
                resource: resource,
                scope: InstrumentationScope(name: "tests"),
                batch: batch,
                tailSampling: tailSampling,
                spool: handle,
                log: log
            )
        else { throw ShippingRunFailure.noShipper }
        self.recorder = recorder
        self.shipper = shipper
    }

    convenience init(
        to server: FaultServer,
        batch: BatchSettings = .quick,
        tailSampling: TailSampling? = nil,
        spool: SpoolConfiguration? = nil,
        logBytes: Int = 64 * 1_024 * 1_024,
        _ configure: (inout OTLPExporter) -> Void = { _ in }
    ) throws {
        var exporter = OTLPExporter(url: "\(server.url)/v1/traces")
        configure(&exporter)
        try self.init([.otlp(exporter)], batch: batch, tailSampling: tailSampling, spool: spool, logBytes: logBytes)
    }

    /// Everything that was logged.
    var log: [String] { lines.withLock { $0 } }

    /// Records spans with a number each, from `first` on.
    func record(_ count: Int, from first: Int = 0) {
        for number in first..<first + count {
            let span = recorder.begin("work")
            span.set("number", number)
            span.set("phase", "discovery")
            span.set("ratio", 0.5)
            span.end()
        }
    }

    func flush(_ duration: Duration = .generous) -> ShippingAccount {
        shipper.flush(until: .now.advanced(by: duration))
    }

    @discardableResult
    func shutdown(_ duration: Duration = .generous) -> ShippingAccount {
        let account = shipper.shutdown(until: .now.advanced(by: duration))
        recorder.close()
        return account
    }
}

enum ShippingRunFailure: Error {
    case noRecorder
    case noShipper
}

extension BatchSettings {
    /// So that tests do not wait five seconds. What is recorded at once may be sent in several bodies.
    static var quick: BatchSettings {
        var settings = BatchSettings()
        settings.scheduleDelay = .milliseconds(50)
        return settings
    }

    /// For tests that count requests: what is recorded is sent by `flush`, by `shutdown`, or when a batch is full.
    static var onDemand: BatchSettings {
        var settings = BatchSettings()
        settings.scheduleDelay = .seconds(3_600)
        return settings
    }
}

extension ReceivedRequest {
    /// The values of the attribute `number` of all spans in an OTLP body, in order.
    var numbers: [Int] {
        SpanNumbers.read(decodedBody ?? [], isProtobuf: isProtobuf)
    }
}

/// Reads the attribute `number` of spans.
enum SpanNumbers {
    /// The values of all spans in an OTLP body, in order.
    static func read(_ body: [UInt8], isProtobuf: Bool) -> [Int] {
        if isProtobuf { return ProtobufMessage(body).numbers }
        guard let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any],
            let resources = object["resourceSpans"] as? [[String: Any]]
        else { return [] }
        let scopes = resources.flatMap { $0["scopeSpans"] as? [[String: Any]] ?? [] }
        let spans = scopes.flatMap { $0["spans"] as? [[String: Any]] ?? [] }
        return spans.flatMap { $0["attributes"] as? [[String: Any]] ?? [] }.compactMap { attribute in
            guard attribute["key"] as? String == "number" else { return nil }
            let value = attribute["value"] as? [String: Any]
            return Int(value?["intValue"] as? String ?? "") ?? -1
        }
    }
}

/// The fields of a protobuf message in their order: as much of the wire format as the numbers of spans need.
private struct ProtobufMessage {
    private var messages: [(field: Int, bytes: [UInt8])] = []
    private var integers: [(field: Int, value: UInt64)] = []

    init(_ bytes: [UInt8]) {
        var place = 0
        func varint() -> UInt64 {
            var (value, shift) = (UInt64(0), UInt64(0))
            while place < bytes.count {
                let byte = bytes[place]
                place += 1
                value |= UInt64(byte & 0x7F) << shift
                shift += 7
                if byte < 0x80 { break }
            }
            return value
        }
        while place < bytes.count {
            let tag = varint()
            switch tag & 7 {
            case 0: integers.append((Int(tag >> 3), varint()))
            case 1: place += 8
            case 2:
                let count = Int(varint())
                messages.append((Int(tag >> 3), Array(bytes[place..<place + count])))
                place += count
            default: place += 4
            }
        }
    }

    private func all(_ field: Int) -> [ProtobufMessage] {
        messages.filter { $0.field == field }.map { ProtobufMessage($0.bytes) }
    }

    /// Of an `ExportTraceServiceRequest`.
    var numbers: [Int] {
        all(1).flatMap { $0.all(2) }.flatMap { $0.all(2) }.flatMap { $0.all(9) }.compactMap { attribute in
            guard attribute.messages.first?.bytes == Array("number".utf8) else { return nil }
            return attribute.all(2).first?.integers.first { $0.field == 3 }.map { Int($0.value) }
        }
    }
}

extension FaultServer {
    /// The numbers of all spans that arrived in whole requests.
    var numbers: [Int] { requests.filter(\.isComplete).flatMap(\.numbers) }
}
