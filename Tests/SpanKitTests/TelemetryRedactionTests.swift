import Foundation
import SpanKit
import SpanKitGenAI
import SpanKitPlatform
import SpanKitServer
import SpanKitTestSupport
import Testing
import Tracing

@Suite("Redaction of everything that leaves", .generousTimeLimit)
struct TelemetryRedactionTests {
    private static let canary = "canary-7@example.com"
    private struct Failure: Error, CustomStringConvertible {
        var description: String { TelemetryRedactionTests.canary }
    }

    /// The detector that finds the canary, and the replacement.
    enum Finder: String, CaseIterable, CustomTestStringConvertible {
        case drop, hash, length, throwing, slow

        var testDescription: String { rawValue }

        var mark: String { self == .throwing || self == .slow ? "[redacted:own failed]" : "[redacted:email" }

        /// Nil where the environment has said it.
        var redaction: Redaction? {
            struct Broken: Error {}
            var redaction: Redaction
            switch self {
            case .drop, .hash, .length: return nil
            case .throwing:
                redaction = Redaction([
                    .function(named: "own") { _, text in
                        guard text.contains("canary") else { return nil }
                        throw Broken()
                    }
                ])
            case .slow:
                redaction = Redaction([
                    .function(named: "own") { _, text in
                        guard text.contains("canary") else { return nil }
                        let end = ContinuousClock.now + .milliseconds(40)
                        while ContinuousClock.now < end {}
                        return nil
                    }
                ])
            }
            redaction.timeLimit = .milliseconds(20)
            return redaction
        }
    }

    /// Records the canary in every way there is, through both APIs.
    private func record(_ telemetry: Telemetry) async {
        recordTraced(telemetry.tracer)
        let profiler = telemetry.profiler
        let canary = Self.canary
        _ = try? await profiler.withSpan("op \(canary)", attributes: ["start \(canary)": .string(canary)]) { span in
            span.set("static", canary)
            span.set(
                "key \(canary)",
                .map([Attribute("in \(canary)", .array([.string(canary), .bytes(Array(canary.utf8))]))])
            )
            span.addEvent("event \(canary)", attributes: ["e": .string(canary)])
            span.addLink(to: span.context, attributes: ["l": .string(canary)])
            span.recordError(Failure(), includingMessage: true)
            span.setStatus(.error(canary))
            throw Failure()
        }
        profiler.profile("fast canary-7@example.com", warnThreshold: .zero) { $0.updateName("renamed \(canary)") }
        var call = GenAICall(operationName: "chat", providerName: canary)
        call.requestModel = canary
        telemetry.modelMetrics.record(call, nanoseconds: 1)
    }

    private func recordTraced(_ tracer: SpanKitTracer) {
        let canary = Self.canary
        _ = try? tracer.withSpan("traced \(canary)", ofKind: .client) { span in
            span.attributes["static"] = canary
            span.attributes["key \(canary)"] = SpanAttribute.stringArray([canary, "plain"])
            span.attributes["number \(canary)"] = 7
            span.addEvent(SpanEvent(name: "event \(canary)", attributes: ["e": .string(canary), "k \(canary)": 1.5]))
            span.addLink(SpanLink(context: span.context, attributes: ["l": .string(canary)]))
            span.recordError(Failure(), attributes: ["why": .string(canary)])
            span.setStatus(.init(code: .error, message: canary))
            span.operationName = "renamed \(canary)"
            throw Failure()
        }
    }

    @Test(
        "no canary is in requests, files, reports or logs, even if the redactor fails",
        arguments: ["http/json", "http/protobuf"],
        Finder.allCases
    )
    func canaries(encoding: String, finder: Finder) async throws {
        let server = try FaultServer(.unavailable())
        defer { server.stop() }
        let folder = TemporaryFolder()
        defer { folder.remove() }
        let lines = Locked<[String]>([])
        var configuration = TelemetryConfiguration.environment([
            "OTEL_EXPORTER_OTLP_ENDPOINT": server.url, "OTEL_EXPORTER_OTLP_PROTOCOL": encoding,
            "OTEL_EXPORTER_OTLP_COMPRESSION": "none", "OTEL_METRICS_EXPORTER": "otlp",
            "OTEL_SERVICE_NAME": "service-\(Self.canary)", "OTEL_RESOURCE_ATTRIBUTES": "owner=\(Self.canary)",
            "SPANKIT_REDACTION": finder.rawValue, "SPANKIT_SPOOL_DIR": folder.path + "/spool",
        ])
        if let redaction = finder.redaction { configuration.redaction = redaction }
        configuration.scope.attributes = [Attribute("team", .string(Self.canary))]
        configuration.exporters.append(.linesFile(LinesFileConfiguration(path: folder.path + "/spans.jsonl")))
        configuration.textfile = .init(path: folder.path + "/metrics.prom")
        configuration.shutsDownAtExit = false
        let telemetry = Telemetry.start(
            configuration,
            log: ProfilerLog { _, line in lines.withLock { $0.append(line) } }
        )
        await record(telemetry)
        await telemetry.flush(within: .seconds(5))
        let early = try expectClean(folder.path, "while it runs")
        #expect(!early.contains { $0.hasSuffix("/region") }, "no file holds what has not been redacted: \(early)")
        await telemetry.shutdown(within: .seconds(2))
        let names = try expectClean(folder.path, "after it has ended")
        #expect(names.contains("spans.jsonl"))
        #expect(names.contains { $0.hasPrefix("spool/") && $0.contains("-3.") }, "\(names)")
        let metrics = try String(contentsOfFile: folder.path("metrics.prom"), encoding: .utf8)
        #expect(metrics.contains(finder.mark), "the operations are there, without their names")
        let profiler = telemetry.profiler
        profiler.logTopOperations()
        for report in [profiler.summary(), try profiler.exportJSON(), "\(profiler.statistics())"] {
            #expect(!report.contains("canary") && report.contains(finder.mark), "\(report)")
        }
        let log = lines.withLock { $0.joined(separator: "\n") }
        #expect(!log.contains("canary"), "\(log)")
        #expect(log.contains(finder.mark), "a slow operation was reported, without its name")
        #expect(server.requests.count >= 2)
        for request in server.requests {
            #expect(!request.text.contains("canary"), "\(request.path)")
            #expect(request.text.contains(finder.mark.dropFirst()))
        }
        let base64 = Data(Self.canary.utf8).base64EncodedString()
        #expect(server.requests.allSatisfy { !$0.text.contains(base64) })
    }

    /// Looks into every file, gunzipped where it is compressed.
    private func expectClean(_ path: String, _ when: String) throws -> [String] {
        var names: [String] = []
        for case let name as String in FileManager.default.enumerator(atPath: path) ?? .init() {
            guard let data = FileManager.default.contents(atPath: "\(path)/\(name)") else { continue }
            names.append(name)
            var bytes = [UInt8](data)
            if bytes.starts(with: [0x1F, 0x8B]) { bytes = try #require(Gzip.decompress(bytes), "\(name)") }
            #expect(!String(decoding: bytes, as: UTF8.self).contains("canary"), "\(name) \(when)")
        }
        return names
    }

    @Test("an unknown value of SPANKIT_REDACTION redacts and is reported")
    func unknownMode() {
        let configuration = TelemetryConfiguration.environment(["SPANKIT_REDACTION": "yes please"])
        #expect(configuration.redaction != nil)
        #expect(
            configuration.warnings == [
                "SPANKIT_REDACTION: 'yes please' is not one of drop, hash, length, off; using drop"
            ]
        )
        #expect(TelemetryConfiguration.environment(["SPANKIT_REDACTION": "off"]).redaction == nil)
        #expect(TelemetryConfiguration.environment([:]).redaction == nil)
    }
}
