import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Writes each log record as a line of text: time, severity, logger, body, attributes and ids. Further lines of the body follow,
/// indented.
final class ConsoleLogEncoder: LogRecordEncoder {
    private var output = Output(capacity: 4_096)
    private var source: (any LogRecordSource)?
    private var lengthBeforeLast = 0
    private(set) var spanCount = 0

    var bytes: UnsafeRawBufferPointer { output.bytes }

    func begin(_ source: any LogRecordSource) {
        self.source = source
        output.truncate(to: 0)
        spanCount = 0
    }

    func append(_ record: LogRecordView) {
        guard let source else { return }
        lengthBeforeLast = output.count
        let lines = ConsoleLine.text(of: record.copy(texts: source.text(of:)))
        output.append(Array((spanCount > 0 ? "\n" + lines : lines).utf8))
        spanCount += 1
    }

    func removeLast() {
        output.truncate(to: lengthBeforeLast)
        spanCount -= 1
    }

    func finish() {}

    func shrink() {
        output.truncate(to: 0)
        output.shrink(to: 4_096)
    }
}

/// A log record as text for people.
package enum ConsoleLine {
    /// The line without a line break at its end, and further lines of the body, indented.
    ///
    /// ```
    /// 2026-11-29T12:20:14.123Z  WARN   Orders  payment is slow  order.id=42 seconds=3.5  trace=4bf9… span=00f0…
    /// ```
    /// - Parameter isColored: Whether to colour the severity for a terminal.
    package static func text(of record: LogRecord, isColored: Bool = false) -> String {
        var line = CivilTime.text(unixNanoseconds: record.unixNanoseconds)
        let severity = record.severity.name.isEmpty ? "-" : record.severity.name
        let padding = String(repeating: " ", count: max(0, 6 - severity.count))
        line += "  " + (isColored ? color(record.severity) + severity + "\u{1B}[0m" : severity) + padding
        if !record.scope.isEmpty { line += " \(ConsoleText.printable(record.scope)) " }
        if !record.eventName.isEmpty { line += " \(ConsoleText.printable(record.eventName)) " }
        var others: [Substring] = []
        switch record.body {
        case .string(let message)?:
            let lines = message.split(omittingEmptySubsequences: false) { $0.isNewline }
            line += " " + ConsoleText.printable(String(lines[0]))
            others = Array(lines.dropFirst())
        case let value?: line += " " + ConsoleText.value(value)
        case nil: break
        }
        for (index, attribute) in record.attributes.enumerated() {
            line += (index == 0 ? "  " : " ") + ConsoleText.attribute(attribute)
        }
        if record.droppedAttributeCount > 0 { line += " (\(record.droppedAttributeCount) attributes dropped)" }
        if let traceID = record.traceID { line += "  trace=\(traceID)" }
        if let spanID = record.spanID { line += " span=\(spanID)" }
        for other in others { line += "\n    \(ConsoleText.printable(String(other)))" }
        return line
    }

    private static func color(_ severity: LogSeverity) -> String {
        switch severity.rawValue {
        case 17...: "\u{1B}[31m"
        case 13...: "\u{1B}[33m"
        case 9...: "\u{1B}[32m"
        default: "\u{1B}[2m"
        }
    }
}
