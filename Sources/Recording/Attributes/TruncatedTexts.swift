/// The value of the attribute ``key``, which lists the truncated texts of a span and their original lengths.
///
/// An example is `gen_ai.input.messages: 31457280 bytes, note: 2048 bytes`. A text is truncated when the span's memory
/// is full, or later when a receiver rejects the span as too large.
package struct TruncatedTexts {
    /// The key of the attribute.
    package static let key = "spankit.truncated"

    /// The value of the attribute.
    package private(set) var text: String

    /// - Parameter text: The current value, if the span has one.
    package init(_ text: String = "") {
        self.text = text
    }

    /// Adds a text that was truncated. If it is already listed, its listed length stays.
    /// - Parameters:
    ///   - name: The key of the attribute, or the name of the field.
    ///   - bytes: The original length in bytes of UTF-8.
    package mutating func add(_ name: String, bytes: Int) {
        let name = name.prefix(utf8: Self.longestName) + ": "
        guard !text.hasPrefix(name), !text.contains(Self.separator + name), !text.hasSuffix(Self.more) else { return }
        let entry = name + "\(bytes) bytes"
        guard !text.isEmpty else { return text = entry }
        text += text.utf8.count + entry.utf8.count <= Self.longestText ? Self.separator + entry : Self.more
    }

    private static let separator = ", "
    private static let more = ", …"
    private static let longestName = 128
    /// The maximum length of the value in bytes. It is below the limits of receivers, so that the value itself is not
    /// truncated.
    private static let longestText = 512
}
