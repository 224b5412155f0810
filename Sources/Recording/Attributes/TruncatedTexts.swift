/// The value of ``key``: which texts of a span were cut, and how long they were.
///
/// A text of the form `gen_ai.input.messages: 31457280 bytes, note: 2048 bytes`, wherever the texts are cut: at recording, where
/// a span has too little room, or later, where a receiver refuses the span otherwise.
package struct TruncatedTexts {
    /// Set once on a span that has texts that were cut.
    package static let key = "spankit.truncated"

    /// The value of the attribute.
    package private(set) var text: String

    /// - Parameter text: the value so far, where the span has one.
    package init(_ text: String = "") {
        self.text = text
    }

    /// Adds a text that is cut. One that is already there keeps its length: it was cut before.
    /// - Parameters:
    ///   - name: the key of the attribute, or the field.
    ///   - bytes: its length as UTF-8 before it is cut.
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
    /// Below what a receiver's limit cuts, so that the value itself stays whole.
    private static let longestText = 512
}
