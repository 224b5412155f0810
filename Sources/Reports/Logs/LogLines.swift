import SpanKitInputs
import SpanKitPlatform
import SpanKitSummaries

/// Writes log records for people: one line for each record, and indented lines for longer messages.
package struct LogLines: Sendable {
    private let style: TerminalStyle
    private var services: Set<String> = []

    package init(style: TerminalStyle) {
        self.style = style
    }

    /// The lines of records, each with a line feed. Services are named as soon as there are several.
    package mutating func text(_ logs: [DecodedLog]) -> String {
        for log in logs where services.count < 2 { services.insert(log.serviceName) }
        return logs.map(text).joined()
    }

    private func text(_ log: DecodedLog) -> String {
        let content = LogText(log)
        let time = log.time > 0 ? Readable.moment(log.time, in: style.zone) : "no time"
        let role = TerminalStyle.Role(ofSeverity: log.severity)
        let level = padded(style.printable(log.levelText.cut(toBytes: 24)), 8)
        var parts = [style.paint(style.printable(time), .quiet), style.paint(level, role)]
        if services.count > 1 {
            parts.append(style.printable(OperationKey.text(ofService: log.serviceName)))
        }
        let isLoud = role == .bad || role == .caution
        if !content.message.isEmpty {
            parts.append(style.paint(style.printable(content.message), isLoud ? role : .normal))
        }
        var origin = log.scope.name.isEmpty ? [] : ["logger \(log.scope.name)"]
        if let id = log.traceID { origin.append("trace \(id)") }
        if let id = log.spanID { origin.append("span \(id)") }
        for words in [content.facts, origin] where !words.isEmpty {
            parts.append(style.paint(style.printable(words.joined(separator: " ")), .quiet))
        }
        let rest = content.rest.map { "    " + style.paint(style.printable($0), isLoud ? role : .quiet) + "\n" }
        return parts.joined(separator: "  ") + "\n" + rest.joined()
    }
}

extension DecodedLog {
    /// The first line of the message, with the name of an event before it and the attributes after it.
    package var firstLine: String {
        let text = LogText(self)
        return ([text.message] + text.facts).filter { !$0.isEmpty }.joined(separator: " ")
    }
}

extension TerminalStyle.Role {
    /// The role of a record's level.
    package init(ofSeverity severity: UInt8) {
        switch severity {
        case LogLevel.leastError...: self = .bad
        case 13...: self = .caution
        case 1...8: self = .quiet
        default: self = .normal
        }
    }
}
