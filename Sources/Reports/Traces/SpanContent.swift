import Foundation
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// The status, the attributes, the events and the links of a span, for machine-readable output.
///
/// It is a class so that a ``TraceSpan`` without it stays small.
package final class SpanContent: Sendable {
    let status: String
    let statusMessage: String?
    let attributes: JSONText
    let events: JSONText
    let links: JSONText
    /// The size of the texts in bytes.
    let byteCount: Int

    init(_ span: RecordedSpan) {
        switch span.status {
        case .unset: (status, statusMessage) = ("unset", nil)
        case .ok: (status, statusMessage) = ("ok", nil)
        case .error(let message): (status, statusMessage) = ("error", message.isEmpty ? nil : message)
        }
        attributes = JSONText(span.attributes)
        events = .list(
            span.events.map { event in
                .object([
                    ("name", .string(event.name)),
                    ("time_unix_ns", event.unixNanoseconds > 0 ? .count(event.unixNanoseconds) : .null),
                    ("attributes", JSONText(event.attributes)),
                ])
            }
        )
        links = .list(
            span.links.map { link in
                .object([
                    ("trace_id", .string("\(link.context.traceID)")), ("span_id", .string("\(link.context.spanID)")),
                    ("attributes", JSONText(link.attributes)),
                ])
            }
        )
        byteCount = [attributes, events, links].reduce(statusMessage?.utf8.count ?? 0) { $0 + $1.byteCount }
    }
}

extension JSONText {
    /// Attributes as an object. If a key occurs twice, the last value counts.
    package init(_ attributes: [Attribute]) {
        var places: [ByteText: Int] = [:]
        var members: [(String, JSONText)] = []
        for attribute in attributes {
            let member = (attribute.key, JSONText(attribute.value))
            if let place = places[ByteText(attribute.key)] {
                members[place] = member
            } else {
                places[ByteText(attribute.key)] = members.count
                members.append(member)
            }
        }
        self = .object(members)
    }

    /// An attribute's value with its type. NaN and the infinities are strings, as in OTLP JSON. Bytes are an object with the one
    /// member `base64`, so that they differ from a string.
    init(_ value: AttributeValue) {
        switch value {
        case .bool(let truth): self = .bool(truth)
        case .int(let number): self = .count(number)
        case .double(let number) where number.isNaN: self = "NaN"
        case .double(let number) where number.isInfinite: self = number > 0 ? "Infinity" : "-Infinity"
        case .double(let number): self = .number(number)
        case .string(let text): self = .string(text)
        case .bytes(let bytes): self = .object([("base64", .string(Data(bytes).base64EncodedString()))])
        case .array(let values): self = .list(values.map { JSONText($0) })
        case .map(let members): self = JSONText(members)
        case .null: self = .null
        }
    }
}
