import SpanKitPlatform
import SpanKitRecording

/// The filter as text, from which the parser makes the same filter.
extension SpanFilter: CustomStringConvertible {
    package var description: String {
        switch self {
        case .any(let parts): parts.map { $0.text(below: self) }.joined(separator: " or ")
        case .all(let parts): parts.map { $0.text(below: self) }.joined(separator: " and ")
        case .not(let part): "not \(part.text(below: self))"
        case .has(let field): field.description
        case .mentions(let text): Self.quoted(text.text)
        case .compares(let field, let comparison, let value): "\(field)\(comparison.rawValue)\(value)"
        }
    }

    /// The text as a part of another filter, in parentheses if they are needed.
    private func text(below parent: SpanFilter) -> String {
        switch (parent, self) {
        case (_, .any), (.all, .all), (.not, .all): "(\(self))"
        default: description
        }
    }

    /// Whether a word is a keyword of the filter language.
    static func isKeyword(_ word: String) -> Bool { ["and", "or", "not"].contains(word.lowercased()) }

    /// Whether a character ends a word.
    static func endsWord(_ scalar: Unicode.Scalar) -> Bool {
        "()\"'=<>!~&|".unicodeScalars.contains(scalar) || scalar.properties.isWhitespace
    }

    /// Whether a text begins as a number does.
    static func looksLikeNumber(_ text: String) -> Bool {
        text.utf8.first.map { NameShape.isDigit($0) || "+-.".utf8.contains($0) } ?? false
    }

    /// A text in quotation marks.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// A text, in quotation marks if the parser would read it differently without them.
    fileprivate static func word(_ text: String, except isTaken: Bool) -> String {
        let isWord = !text.isEmpty && !isTaken && !isKeyword(text) && !text.unicodeScalars.contains(where: endsWord)
        return isWord ? text : quoted(text)
    }
}

extension SpanFilter.Field: CustomStringConvertible {
    package var description: String {
        switch self {
        case .service: "service"
        case .name: "name"
        case .kind: "kind"
        case .status: "status"
        case .duration: "duration"
        case .error: "error"
        case .severity: "severity"
        case .body: "body"
        case .logger: "logger"
        case .event: "event"
        case .attribute(let key):
            // A field of any subject needs quotation marks, so that the text means the same for all of them.
            SpanFilter.word(
                key.text,
                except: [.spans, .logs].contains { Self(word: key.text, of: $0) != .attribute(key) }
            )
        }
    }

    /// The field that a word without quotation marks names.
    init(word: String, of subject: SpanFilter.Subject = .spans) {
        self = subject.fields.first { $0.description.utf8.elementsEqual(word.utf8) } ?? .attribute(ByteText(word))
    }
}

extension SpanFilter.Value: CustomStringConvertible {
    package var description: String {
        switch self {
        case .text(let text):
            SpanFilter.word(
                text.text,
                except: SpanFilter.looksLikeNumber(text.text)
            )
        case .number(let number): number.text.text
        case .duration(let nanoseconds): DurationText.text(nanoseconds: nanoseconds)
        case .kind(let kind): kind.name
        case .status(let status): status.rawValue
        case .level(let level): level.name
        case .truth(let truth): "\(truth)"
        }
    }
}
