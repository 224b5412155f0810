import SpanKitRecording

/// Redacts everything that is not a span: labels, log lines, resources. Threads can share it.
///
/// It has no lock, which the child of a fork could find locked forever. Each call allocates what it needs.
package final class Redactor: Sendable {
    private let plan: RedactionPlan

    package init(_ redaction: Redaction) {
        plan = RedactionPlan(redaction)
    }

    /// The redacted text.
    package func text(_ text: String) -> String { self.text(text, key: "") }

    /// The redacted value of an attribute.
    package func text(_ text: String, key: String) -> String {
        var text = text
        return text.withUTF8 { replacement(of: UnsafeRawBufferPointer($0), key: key) } ?? text
    }

    /// The text to write instead; nil if the text needs no redaction.
    private func replacement(of text: UnsafeRawBufferPointer, key: String) -> String? {
        var texts = TextRedactor(plan)
        let action = plan.action(forKey: key)
        var key = key
        let isFound = key.withUTF8 { texts.redact(text, key: UnsafeRawBufferPointer($0), action: action) }
        return isFound ? String(decoding: texts.replacement, as: UTF8.self) : nil
    }

    /// The redacted resource.
    package func resource(_ resource: Resource) -> Resource {
        Resource(attributes: attributes(resource.attributes), schemaURL: text(resource.schemaURL))
    }

    /// The redacted scope.
    package func scope(_ scope: InstrumentationScope) -> InstrumentationScope {
        InstrumentationScope(
            name: text(scope.name),
            version: text(scope.version),
            attributes: attributes(scope.attributes),
            schemaURL: text(scope.schemaURL)
        )
    }

    /// The redacted attributes.
    package func attributes(_ attributes: [Attribute]) -> [Attribute] {
        attributes.map { Attribute(text($0.key), value($0.value, key: $0.key)) }
    }

    /// Whether a rule names the key.
    package func hasRule(for key: String) -> Bool { plan.action(forKey: key) != nil }

    /// The redacted value of an attribute.
    package func value(_ value: AttributeValue, key: String) -> AttributeValue {
        switch value {
        case .string(let text): .string(self.text(text, key: key))
        case .bytes(let bytes):
            bytes.withUnsafeBytes { replacement(of: $0, key: key) }.map { .bytes(Array($0.utf8)) } ?? value
        case .array(let elements): .array(elements.map { self.value($0, key: key) })
        case .map(let elements):
            .map(
                elements.map { element in
                    Attribute(
                        text(element.key),
                        self.value(element.value, key: hasRule(for: element.key) ? element.key : key)
                    )
                }
            )
        case .bool(let bool): number("\(bool)", key) ?? value
        case .int(let int): number("\(int)", key) ?? value
        case .double(let double): number("\(double)", key) ?? value
        case .null: value
        }
    }

    /// The text that replaces a number; nil if no rule names its key.
    private func number(_ digits: String, _ key: String) -> AttributeValue? {
        hasRule(for: key) ? .string(text(digits, key: key)) : nil
    }
}
