import Foundation
import SpanKit
import SpanKitInputs
import SpanKitOTLP
import SpanKitRecording
import SpanKitReports
import SpanKitShipping

/// Tests redaction: puts canaries into every part of a span, encodes the span, and looks for the canaries in the result.
struct RedactionReport {
    /// Texts that look like secrets, and the part of each that redaction must remove.
    static let canaries: [(name: String, text: String, secret: String)] = [
        ("API key", "sk-ant-api03-CANARY0123456789abcdef", "CANARY0123456789"),
        ("bearer token", "Bearer CANARY0123456789.abcdef", "CANARY0123456789"),
        ("web token", "eyJhbGciOiJDQU5BUlkifQ.eyJzdWIiOiJDQU5BUlkifQ.c2lnbmF0dXJl", "eyJzdWIiOiJDQU5BUlkifQ"),
        ("private key", "-----BEGIN PRIVATE KEY-----\nCANARYCANARY\n-----END PRIVATE KEY-----", "CANARYCANARY"),
        ("e-mail address", "canary@example.com", "canary@example.com"), ("phone number", "+49 30 901820", "901820"),
        ("payment card", "4111 1111 1111 1111", "1111 1111"),
        ("password in a URL", "https://canary:CANARYpw@example.com/", "CANARYpw"),
    ]

    /// The parts of a span that can contain text.
    static let places = [
        "span name", "status description", "attribute key", "attribute", "list in an attribute", "map in an attribute",
        "bytes of an attribute", "event name", "event attribute", "link attribute", "trace state", "resource attribute",
        "scope attribute",
    ]

    /// What redaction leaves of one canary.
    struct Result: Sendable {
        let name: String
        let text: String
        /// The redacted form in an attribute.
        let redacted: String
        /// The parts of the encoded spans that contain the secret.
        let leaks: [String]
    }

    private let configuration: TelemetryConfiguration
    /// The results; empty if redaction is off.
    let results: [Result]

    /// Runs the test.
    init(_ configuration: TelemetryConfiguration) {
        self.configuration = configuration
        results =
            configuration.redaction.map { redaction in
                Self.canaries.map { name, text, secret in
                    let (redacted, leaks) = Self.remains(of: text, secret, redaction)
                    return Result(name: name, text: text, redacted: redacted, leaks: leaks)
                }
            } ?? []
    }

    private var leakCount: Int { results.reduce(0) { $0 + $1.leaks.count } }

    /// The exit status; `nil` if no canary remains.
    var status: ExitStatus? { configuration.redaction == nil ? .usage : leakCount == 0 ? nil : .internalError }

    /// The report for a terminal.
    var lines: [String] {
        let warnings = configuration.warnings.map { "✗ \($0)" }
        guard configuration.redaction != nil else {
            return warnings + [
                "✗ redaction is off: everything that is recorded is sent unchanged",
                "    → set SPANKIT_REDACTION=drop (or hash, length), or TelemetryConfiguration.redaction in code",
            ]
        }
        let setting = configuration.settings.first { $0.kind == .redaction }
        let width = Self.canaries.map(\.name.count).max() ?? 0
        let extent = "\(Self.canaries.count) canaries in \(Self.places.count) places each, http/json and http/protobuf"
        let verb = leakCount == 1 ? "remains" : "remain"
        return warnings + ["Redaction: \(setting?.value ?? "as configured") (\(setting?.source ?? "code"))"]
            + results.flatMap { result in
                let mark = result.leaks.isEmpty ? "✓" : "✗"
                let texts = "\(Self.shown(result.text)) → \(Self.shown(result.redacted))"
                return ["  \(mark) \(padded(result.name, width))  \(texts)"]
                    + result.leaks.map { "      remains in \($0)" }
            } + [leakCount == 0 ? "✓ \(extent): none remain" : "✗ \(extent): \(leakCount) \(verb)"]
    }

    /// The machine-readable report.
    var document: ReportDocument {
        ReportDocument(
            .redaction,
            facts: [
                ("is_redaction_on", .bool(configuration.redaction != nil)),
                ("warnings", .list(configuration.warnings.map { .string($0) })),
                ("places", .list(Self.places.map { .string($0) })), ("leak_count", .count(leakCount)),
            ],
            Listing(
                results,
                [
                    .init("canary", "Canary", .name) { .text($0.name) },
                    .init("text", "Text", .text) { .text($0.text) },
                    .init("redacted", "Redacted", .text) { .text($0.redacted) },
                    .init("is_removed", "Removed", .flag) { .flag($0.leaks.isEmpty) },
                    .init("leaks", "Remains in", .json) { .json(.list($0.leaks.map { .string($0) })) },
                ]
            )
        )
    }

    /// The redacted form of a canary in an attribute, and the parts of the encoded spans that contain its secret.
    private static func remains(
        of canary: String,
        _ secret: String,
        _ redaction: Redaction
    ) -> (attribute: String, leaks: [String]) {
        var leaks: [String] = []
        var attribute = ""
        for place in places {
            let probe = probe(canary, in: place, redaction)
            let text = text(probe.body(.json))
            if text.contains(secret) { leaks.append("\(place), http/json") }
            if String(decoding: probe.body(.protobuf), as: UTF8.self).contains(secret) {
                leaks.append("\(place), http/protobuf")
            }
            if place == "attribute" { attribute = self.attribute(probe.body(.json)) }
        }
        return (attribute, leaks)
    }

    private static func probe(_ canary: String, in place: String, _ redaction: Redaction) -> TestSpan {
        var span = RecordedSpan(
            name: place == "span name" ? canary : "doctor",
            context: SpanContext(
                traceID: TraceID(high: 1, low: 1),
                spanID: SpanID(rawValue: 1),
                traceFlags: .sampled,
                traceState: place == "trace state" ? canary : ""
            ),
            startUnixNanoseconds: 1,
            endUnixNanoseconds: 2
        )
        var resource = Resource()
        var scope = InstrumentationScope(name: "doctor")
        switch place {
        case "status description": span.status = .error(canary)
        case "attribute key": span.attributes = [Attribute(canary, 1)]
        case "attribute": span.attributes = [Attribute("probe", .string(canary))]
        case "list in an attribute": span.attributes = [Attribute("probe", .array([.string(canary)]))]
        case "map in an attribute": span.attributes = [Attribute("probe", .map([Attribute("in", .string(canary))]))]
        case "bytes of an attribute": span.attributes = [Attribute("probe", .bytes(Array(canary.utf8)))]
        case "event name": span.events = [.init(name: canary, unixNanoseconds: 1)]
        case "event attribute":
            span.events = [.init(name: "e", unixNanoseconds: 1, attributes: [Attribute("probe", .string(canary))])]
        case "link attribute":
            span.links = [.init(context: span.context, attributes: [Attribute("probe", .string(canary))])]
        case "resource attribute": resource = Resource(attributes: [Attribute("probe", .string(canary))])
        case "scope attribute": scope.attributes = [Attribute("probe", .string(canary))]
        default: break
        }
        return TestSpan(span: span, resource: resource, scope: scope, redaction: redaction)
    }

    /// All text in an encoded span, as a receiver reads it.
    private static func text(_ body: [UInt8]) -> String {
        var all = ""
        read(body) { span in
            var bytes: [UInt8] = []
            if case .bytes(let own) = span.span.attributes.first?.value { bytes = own }
            all += "\(span) \(span.span.context.traceState) \(String(decoding: bytes, as: UTF8.self))"
        }
        return all
    }

    private static func attribute(_ body: [UInt8]) -> String {
        var text = ""
        read(body) { span in
            if case .string(let value) = span.span.attributes.first?.value { text = value }
        }
        return text
    }

    private static func read(_ body: [UInt8], _ take: (DecodedSpan) -> Void) {
        var decoder = TraceDecoder()
        decoder.decode(body, take)
        decoder.finish(take)
    }

    private static func shown(_ text: String) -> String {
        let line = text.replacing("\n", with: " ")
        return line.count > 48 ? line.prefix(47) + "…" : line
    }
}
