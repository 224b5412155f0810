import SpanKitRecording

// Attributes of model calls as their senders write them.
extension RecordedSpan {
    /// A text that says something; nil for an empty one and for other types.
    package func text(_ key: String) -> String? {
        if case .string(let text) = self[key], !text.isEmpty { text } else { nil }
    }

    /// A number of tokens, not negative.
    package func count(_ key: String) -> Int? {
        switch self[key] {
        case .int(let count) where count >= 0: Int(count)
        // Some senders have only one kind of number.
        case .double(let count) where count >= 0 && count < 1e15: Int(count)
        default: nil
        }
    }
}
