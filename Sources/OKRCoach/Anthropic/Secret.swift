/// A text that must not be seen: it prints, dumps and reflects as `<redacted>`.
struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    init(_ text: String) {
        self.text = text
    }

    /// The text itself, for the one place that sends it.
    func reveal() -> String { text }

    var description: String { "<redacted>" }
    var debugDescription: String { "<redacted>" }
    var customMirror: Mirror { Mirror(self, children: []) }

    /// Removes this secret from a text of another origin.
    func redact(_ message: String) -> String {
        text.isEmpty ? message : message.replacing(text, with: "<redacted>")
    }
}
