import SpanKitPlatform
import SpanKitRecording

/// Why a span failed: the type of its error and its message.
package struct FailureCause: Sendable, Hashable {
    /// `error.type`, or else the type of the last exception, or else an HTTP status of 400 or more.
    package var errorType: ByteText?
    /// The message of the last exception, or else the text of the span's status.
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
        func text(_ key: String) -> String? {
            exception?.attributes.last { $0.key == key }.flatMap { $0.value.nonemptyText }
        }
        let httpStatus = (span["http.response.status_code"] ?? span["http.status_code"])?.nonemptyText
        var status: String?
        if case .error(let message) = span.status { status = AttributeValue.string(message).nonemptyText }
        self.init(
            errorType: span["error.type"]?.nonemptyText ?? text("exception.type")
                ?? httpStatus.flatMap { Int($0) ?? 0 >= 400 ? $0 : nil },
            message: (text("exception.message") ?? status).map(Self.shortened)
        )
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
    func cut(toBytes limit: Int) -> String {
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

extension RecordedSpan.Event {
    /// Whether the event is an exception of OpenTelemetry's conventions: `exception`, or one for an operation of the GenAI conventions
    /// such as `gen_ai.client.inference.exception`.
    var isException: Bool {
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
