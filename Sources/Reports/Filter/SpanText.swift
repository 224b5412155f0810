import SpanKitInputs
import SpanKitOTLP
import SpanKitRecording

/// The text of a span or a log record that a search looks through: names, messages, and the keys and values of attributes, but not those
/// of resources.
package enum SpanText {
    /// Whether a text occurs in a span. A letter or a digit next to it would make it a part of a word, which does not count.
    package static func contains(_ text: String, in span: RecordedSpan) -> Bool {
        let wanted = Search(text)
        if wanted.isFound(in: span.name) { return true }
        if case .error(let message) = span.status, wanted.isFound(in: message) { return true }
        if wanted.isFound(in: span.attributes) { return true }
        return span.events.contains { wanted.isFound(in: $0.name) || wanted.isFound(in: $0.attributes) }
    }

    static func contains(_ text: String, in log: DecodedLog) -> Bool {
        let wanted = Search(text)
        return wanted.isFound(in: log.eventName) || log.body.map(wanted.isFound) ?? false
            || wanted.isFound(in: log.attributes)
    }

    /// The words of a text that a full-text index of words (unicode61 of SQLite) can look up. Every text that contains the whole text
    /// contains them. Words with letters that the index may treat differently are left out.
    package static func indexedWords(of text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var isPlain = true
        for scalar in text.unicodeScalars + [" "] {
            if scalar.isASCII, !scalar.properties.isAlphabetic, scalar.properties.numericType == nil {
                if isPlain, !word.isEmpty { words.append(word) }
                (word, isPlain) = ("", true)
            } else {
                word.unicodeScalars.append(scalar)
                isPlain = isPlain && scalar.isASCII
            }
        }
        return words
    }

    private struct Search {
        private let text: [Unicode.Scalar]

        init(_ text: String) {
            self.text = Self.folded(text)
        }

        private static func folded(_ text: String) -> [Unicode.Scalar] {
            text.utf8.allSatisfy { $0 < 0x80 }
                ? text.utf8.map { Unicode.Scalar($0 | (UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? 0x20 : 0)) }
                : Array(text.lowercased().unicodeScalars)
        }

        private static func isOfWord(_ scalar: Unicode.Scalar) -> Bool {
            scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        }

        func isFound(in content: String) -> Bool {
            guard content.utf8.count >= text.count, let first = text.first, let last = text.last else { return false }
            let content = Self.folded(content)
            guard content.count >= text.count else { return false }
            for start in 0...(content.count - text.count) where content[start] == first {
                let end = start + text.count
                guard content[start..<end].elementsEqual(text) else { continue }
                let begins = start == 0 || !Self.isOfWord(first) || !Self.isOfWord(content[start - 1])
                let ends = end == content.count || !Self.isOfWord(last) || !Self.isOfWord(content[end])
                if begins, ends { return true }
            }
            return false
        }

        func isFound(in attributes: [Attribute]) -> Bool {
            attributes.contains { isFound(in: $0.key) || isFound(in: $0.value) }
        }

        /// The decoder limits the depth of values.
        func isFound(in value: AttributeValue) -> Bool {
            switch value {
            case .string(let text): isFound(in: text)
            case .int(let number): isFound(in: "\(number)")
            case .array(let values): values.contains(where: isFound)
            case .map(let members): isFound(in: members)
            case .bool, .double, .bytes, .null: false
            }
        }
    }
}
