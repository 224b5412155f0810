import SpanKitInputs
import SpanKitPlatform
import SpanKitRecording

/// Why a span failed: the type of its error and its message.
package struct FailureCause: Sendable, Hashable {
    /// `error.type`, or else the type of the last exception event or exception record, or else an HTTP status of 400 or more.
    package var errorType: ByteText?
    /// The message of the last exception event or exception record, or else the text of the span's status, or else the
    /// message of the last log record with the level error or higher.
    package var message: ByteText?

    /// The maximum size of a message in bytes. Longer ones end with `…`.
    static let longestMessage = 4_096

    init(errorType: String?, message: String?) {
        self.errorType = errorType.map { ByteText($0) }
        self.message = message.map { ByteText($0) }
    }

    /// Returns `nil` for a span that did not fail.
    init?(_ span: RecordedSpan) {
        guard span.isError else { return nil }
        let exception = span.events.last(where: \.isException)
        var status: String?
        if case .error(let message) = span.status { status = AttributeValue.string(message).nonemptyText }
        self.init(
            errorType: Self.declaredType(of: span) ?? exception?.attributes.text(of: "exception.type")
                ?? Self.httpStatus(of: span),
            message: (exception?.attributes.text(of: "exception.message") ?? status).map(Self.shortened)
        )
    }

    /// The cause of a span without a status, if a log record says that it failed; `nil` if the span does not say anything about it.
    init?(undecided span: RecordedSpan) {
        guard case .unset = span.status, let type = Self.declaredType(of: span) ?? Self.httpStatus(of: span) else {
            return nil
        }
        self.init(errorType: type, message: nil)
    }

    /// The cause that a log record describes: its exception or, if it is an error without an exception, its message.
    init?(_ log: DecodedLog) {
        let message = log.attributes.text(of: "exception.message") ?? log.body.map(LogText.text)
        if log.isException {
            self.init(
                errorType: log.attributes.text(of: "exception.type"),
                message: message.flatMap { AttributeValue.string($0).nonemptyText }.map(Self.shortened)
            )
        } else if log.isError, let message = message.flatMap({ AttributeValue.string($0).nonemptyText }) {
            self.init(errorType: nil, message: Self.shortened(message))
        } else {
            return nil
        }
    }

    /// `error.type`
    fileprivate static func declaredType(of span: RecordedSpan) -> String? { span["error.type"]?.nonemptyText }

    /// An HTTP status of 400 or more.
    private static func httpStatus(of span: RecordedSpan) -> String? {
        let status = (span["http.response.status_code"] ?? span["http.status_code"])?.nonemptyText
        return status.flatMap { Int($0) ?? 0 >= 400 ? $0 : nil }
    }

    /// The cause with the ``MessagePattern`` of its message, which is the same for similar failures.
    var pattern: FailureCause {
        FailureCause(errorType: errorType?.text, message: message.map { MessagePattern.pattern(of: $0.text) })
    }

    /// The cause on one line, such as `PoolError: pool exhausted`; `nil` if the span contains neither a type nor a message.
    package var text: String? {
        guard let message = message?.text else { return errorType?.text }
        guard let type = errorType?.text, !message.utf8.starts(with: type.utf8) else { return message }
        return "\(type): \(message)"
    }

    /// The text of a failure without type and message.
    package static let unknown = "(no type or message recorded)"

    /// Joins the lines of a message and limits its size.
    private static func shortened(_ message: String) -> String {
        let line = message.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard line.utf8.count > longestMessage else { return line }
        return line.cut(toBytes: longestMessage) + "…"
    }
}

extension String {
    /// The longest prefix of whole characters that fits into `limit` bytes.
    package func cut(toBytes limit: Int) -> String {
        var end = startIndex
        var count = 0
        while end < endIndex {
            count += self[end].utf8.count
            if count > limit { break }
            end = index(after: end)
        }
        return String(self[..<end])
    }
}

extension AttributeValue {
    /// A text that is not blank, or a number as text; otherwise `nil`.
    fileprivate var nonemptyText: String? {
        switch self {
        case .string(let text): text.contains { !$0.isWhitespace } ? text : nil
        case .int(let number): "\(number)"
        default: nil
        }
    }
}

extension [Attribute] {
    /// The text of the last attribute with a key, if it is not blank.
    fileprivate func text(of key: String) -> String? { last { $0.key == key }.flatMap { $0.value.nonemptyText } }
}

/// What a span itself says about a failure. Log records complete it.
struct FailureFacts: OptionSet, Sendable {
    let rawValue: UInt8

    /// The span has `error.type`.
    static let hasType = FailureFacts(rawValue: 1)
    /// The span has an exception event.
    static let hasException = FailureFacts(rawValue: 2)
    /// The span has no status.
    static let isUndecided = FailureFacts(rawValue: 4)
}

extension FailureFacts {
    init(_ span: RecordedSpan) {
        self = []
        if FailureCause.declaredType(of: span) != nil { insert(.hasType) }
        if span.events.contains(where: \.isException) { insert(.hasException) }
        if case .unset = span.status { insert(.isUndecided) }
    }
}

extension RecordedSpan.Event {
    /// Whether the event is an exception of OpenTelemetry's conventions: `exception`, or one for an operation of the GenAI conventions
    /// such as `gen_ai.client.inference.exception`.
    var isException: Bool { Self.isException(named: name) }

    /// Whether events with a name are exceptions.
    package static func isException(named name: String) -> Bool {
        name.utf8.elementsEqual("exception".utf8) || name.hasPrefix("gen_ai.") && name.hasSuffix(".exception")
    }
}

extension RecordedSpan {
    /// Whether the span failed: it has the status error, or an exception and no status. All commands use this rule.
    package var isError: Bool {
        switch status {
        case .error: true
        case .unset: events.contains(where: \.isException)
        case .ok: false
        }
    }
}
