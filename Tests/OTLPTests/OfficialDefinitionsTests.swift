import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

@Suite("The official protobuf definitions read what we write")
struct OfficialDefinitionsTests {
    private static let scope = InstrumentationScope(name: "lib", version: "1.2")
    private static let resource = Resource(attributes: [Attribute("service.name", "svc")])

    @Test("10,000 random spans keep all values in JSON and protobuf", .needs(.codecs))
    func randomSpans() async throws {
        var random = SplitMix64(seed: 2_026)
        var configuration = RecordingConfiguration()
        configuration.logBytes = 64 * 1_024 * 1_024
        configuration.limits.attributeCount = 20
        let recorder = try #require(Recorder.make(configuration))
        for _ in 0..<10_000 { RandomSpans.record(recorder, &random) }
        let spans = recorder.recordedSpans(consuming: false)
        #expect(spans.count == 10_000)
        let json = TraceEncoder(.json, resource: Self.resource, scope: Self.scope)
        _ = json.encode(recorder, spanLimit: .max, byteLimit: .max)
        let protobuf = TraceEncoder(.protobuf, resource: Self.resource, scope: Self.scope)
        _ = protobuf.encode(recorder, spanLimit: .max, byteLimit: .max)
        let verdict = try await ProtobufJudge.judge([.json(Array(json.bytes)), .protobuf(Array(protobuf.bytes))])
        #expect(verdict.complaints.isEmpty, "\(verdict.complaints.prefix(5))")
        #expect(verdict.messages.count == 2)
        #expect(verdict.messages[0] == verdict.messages[1], "JSON and protobuf say the same")
        try #require(verdict.spans.count == 20_000)
        for (position, span) in spans.enumerated() {
            let expected = span.comparable
            for offset in [0, 10_000] where verdict.spans[position + offset].comparable != expected {
                Issue.record("span \(position) differs:\n\(verdict.spans[position + offset].comparable)\n\(expected)")
                return
            }
        }
    }
}

// Both sides as text, because NaN is not equal to itself and the two have types of their own.

extension JudgedSpan {
    fileprivate var comparable: String {
        var parts = ["\(traceID) \(spanID) \(parentSpanID) \(traceState) \(flags) \(name) \(kind)"]
        parts.append("\(startNanoseconds) \(endNanoseconds) \(status) \(statusMessage)")
        parts.append("\(text(attributes)) \(droppedAttributes)")
        parts += events.map { "\($0.name) \($0.nanoseconds) \(text($0.attributes)) \($0.droppedAttributes)" }
        parts.append("\(droppedEvents)")
        parts += links.map {
            "\($0.traceID) \($0.spanID) \($0.traceState) \($0.flags) \(text($0.attributes)) \($0.droppedAttributes)"
        }
        parts.append("\(droppedLinks)")
        return parts.joined(separator: "|")
    }

    private func text(_ attributes: [JudgedAttribute]) -> String { "\(attributes)" }
}

extension RecordedSpan {
    fileprivate var comparable: String {
        var message = ""
        var code = 0
        switch status {
        case .unset: break
        case .ok: code = 1
        case .error(let text): (code, message) = (2, text)
        }
        let flags = UInt32(context.traceFlags.rawValue) | 0x100 | (parentIsRemote ? 0x200 : 0)
        let parent = parentSpanID.map { "\($0)" } ?? ""
        var parts = [
            "\(context.traceID) \(context.spanID) \(parent) \(context.traceState) \(flags) \(name) \(kind.rawValue)"
        ]
        parts.append("\(startUnixNanoseconds) \(endUnixNanoseconds) \(code) \(message)")
        parts.append("\(text(attributes)) \(droppedAttributeCount)")
        parts += events.map { "\($0.name) \($0.unixNanoseconds) \(text($0.attributes)) \($0.droppedAttributeCount)" }
        parts.append("\(droppedEventCount)")
        parts += links.map { link in
            let flags = UInt32(link.context.traceFlags.rawValue) | 0x100 | (link.context.isRemote ? 0x200 : 0)
            return "\(link.context.traceID) \(link.context.spanID) \(link.context.traceState) \(flags) "
                + "\(text(link.attributes)) \(link.droppedAttributeCount)"
        }
        parts.append("\(droppedLinkCount)")
        return parts.joined(separator: "|")
    }

    private func text(_ attributes: [Attribute]) -> String {
        "\(attributes.map { JudgedAttribute($0.key, JudgedValue($0.value)) })"
    }
}
