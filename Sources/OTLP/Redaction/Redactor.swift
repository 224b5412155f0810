import SpanKitRecording

/// Redacts what leaves in other forms than spans: labels, lines of a log, resources. May be shared by threads.
///
/// Has no lock, which the child of a fork could find taken for ever: what a call needs, it makes.
package final class Redactor: Sendable {
    private let plan: RedactionPlan

    package init(_ redaction: Redaction) {
        plan = RedactionPlan(redaction)
    }

    /// What may leave of a text.
    package func text(_ text: String) -> String { self.text(text, key: "") }

    /// What may leave of the value of an attribute.
    package func text(_ text: String, key: String) -> String {
        var (text, key) = (text, key)
        return text.withUTF8 { bytes in
            key.withUTF8 { key in
                let key = UnsafeRawBufferPointer(key)
                let action = key.isEmpty ? nil : plan.action(forKey: key)
                return self.text(UnsafeRawBufferPointer(bytes), key, action)
            }
        } ?? text
    }

    /// Nil where all of it may leave.
    private func text(_ bytes: UnsafeRawBufferPointer, _ key: UnsafeRawBufferPointer, _ action: Int?) -> String? {
        var texts = TextRedactor(plan)
        return texts.redact(bytes, key: key, action: action) ? String(decoding: texts.replacement, as: UTF8.self) : nil
    }

    /// What may leave of a resource.
    package func resource(_ resource: Resource) -> Resource {
        Resource(attributes: attributes(resource.attributes), schemaURL: text(resource.schemaURL))
    }

    /// What may leave of a scope.
    package func scope(_ scope: InstrumentationScope) -> InstrumentationScope {
        InstrumentationScope(
            name: text(scope.name),
            version: text(scope.version),
            attributes: attributes(scope.attributes),
            schemaURL: text(scope.schemaURL)
        )
    }

    /// What may leave of attributes.
    package func attributes(_ attributes: [Attribute]) -> [Attribute] {
        attributes.map { Attribute(text($0.key), value($0.value, key: $0.key)) }
    }

    private func value(_ value: AttributeValue, key: String) -> AttributeValue {
        switch value {
        case .string(let text): .string(self.text(text, key: key))
        case .bytes(let bytes):
            bytes.withUnsafeBytes { bytes in
                var key = key
                return key.withUTF8 { key in
                    let key = UnsafeRawBufferPointer(key)
                    return text(bytes, key, plan.action(forKey: key))
                }
            }.map { .bytes(Array($0.utf8)) } ?? value
        case .array(let elements): .array(elements.map { self.value($0, key: key) })
        case .map(let elements):
            .map(
                elements.map { element in
                    var inner = element.key
                    let hasOwn = inner.withUTF8 { plan.action(forKey: UnsafeRawBufferPointer($0)) != nil }
                    return Attribute(text(element.key), self.value(element.value, key: hasOwn ? element.key : key))
                }
            )
        case .bool(let bool): number("\(bool)", key) ?? value
        case .int(let int): number("\(int)", key) ?? value
        case .double(let double): number("\(double)", key) ?? value
        case .null: value
        }
    }

    /// What stands for a number under a key that has a rule of its own.
    private func number(_ digits: String, _ key: String) -> AttributeValue? {
        var text = key
        guard text.withUTF8({ plan.action(forKey: UnsafeRawBufferPointer($0)) != nil }) else { return nil }
        return .string(self.text(digits, key: key))
    }
}
