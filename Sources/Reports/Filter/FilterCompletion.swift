import SpanKitRecording

/// Completions of a filter in a shell.
package enum FilterCompletion {
    /// Common attributes of OpenTelemetry's semantic conventions.
    private static let attributes = [
        "db.operation.name", "db.system.name", "deployment.environment.name", "error.type", "gen_ai.request.model",
        "host.name", "http.request.method", "http.response.status_code", "http.route", "messaging.destination.name",
        "messaging.system", "rpc.method", "rpc.service", "rpc.system", "server.address", "service.namespace",
        "service.version", "url.path", "user_agent.original",
    ]

    /// Possible continuations of the text before the cursor, each including that text.
    package static func candidates(after text: String, of subject: SpanFilter.Subject = .spans) -> [String] {
        let scalars = text.unicodeScalars
        let start = scalars.lastIndex { SpanFilter.endsWord($0) }.map(scalars.index(after:)) ?? scalars.startIndex
        let (before, word) = (String(scalars[..<start]), String(scalars[start...]))
        let words: [String]
        let sign = before.trimmingEnd
        if let last = sign.unicodeScalars.last, "=<>~!".unicodeScalars.contains(last) {
            words = values(after: sign, of: subject)
        } else if (try? SpanFilter(sign, of: subject)) != nil {
            words = ["and ", "or "]
        } else {
            words = subject.fields.map(\.description) + attributes + ["not "]
        }
        return words.filter { $0.utf8.starts(with: word.utf8) }.map { before + $0 }
    }

    private static func values(after text: String, of subject: SpanFilter.Subject) -> [String] {
        let operand = String(text.trimmingEnd { "=<>~!".unicodeScalars.contains($0) || $0.properties.isWhitespace })
        let field = operand.unicodeScalars.split(whereSeparator: SpanFilter.endsWord).last.map { String($0) } ?? ""
        switch SpanFilter.Field(word: field, of: subject) {
        case .kind: return RecordedSpan.Kind.allCases.map(\.name)
        case .status: return SpanStatus.allCases.map(\.rawValue)
        case .severity: return LogLevel.names
        case .error: return ["true", "false"]
        case .duration: return ["100ms", "500ms", "1s", "10s", "1m"]
        default: return []
        }
    }
}

extension String {
    fileprivate var trimmingEnd: String { trimmingEnd { $0.properties.isWhitespace } }

    fileprivate func trimmingEnd(_ isLeftOut: (Unicode.Scalar) -> Bool) -> String {
        var scalars = unicodeScalars[...]
        while let last = scalars.last, isLeftOut(last) { scalars.removeLast() }
        return String(scalars)
    }
}
