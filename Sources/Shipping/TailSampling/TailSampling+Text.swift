import SpanKitHTTP
import SpanKitPlatform

/// The text form of tail sampling: `errors,slow=2000,p95,otherwise=0.1` (`SPANKIT_TAIL_SAMPLING`).
extension TailSampling: CustomStringConvertible {
    /// Reads a list of rules. For `off`, `none` and `all` the result is nil, which keeps all traces.
    ///
    /// | Word | Rule |
    /// |---|---|
    /// | `errors` | ``Rule/errors`` |
    /// | `slow=2000`, `slow_span=2000` | ``Rule/slow(_:spans:)`` in milliseconds, for local roots or for all spans |
    /// | `p95`, `p95_span` | ``Rule/slowerThanUsual(quantile:spans:)``, percentiles from 1 to 99 |
    /// | `attribute=gen_ai.usage.output_tokens:1000` | ``Rule/attribute(_:atLeast:)`` |
    /// | `otherwise=0.1` | ``probability``, 0.1 by default |
    /// - Parameter problem: called with a sentence for each invalid word. If there is one, all traces are kept, so that
    ///   none is dropped by mistake.
    package init?(_ text: String, problem: (String) -> Void) {
        guard !["off", "false", "0", "none", "all"].contains(text.lowercased()) else { return nil }
        self.init(keeping: [])
        var isUnderstood = true
        func misunderstood(_ reason: String) {
            isUnderstood = false
            problem("\(reason); all traces are kept")
        }
        for word in text.split(separator: ",") {
            let word = word.trimmingWhitespace()
            let equals = word.firstIndex(of: "=")
            let name = word[..<(equals ?? word.endIndex)].lowercased()
            let value = equals.map { word[word.index(after: $0)...] }
            if name == "otherwise" {
                guard let share = value.flatMap({ Double($0) }), (0...1).contains(share) else {
                    misunderstood("'\(word)' has no number from 0 to 1 after '='")
                    continue
                }
                probability = share
            } else if let rule = Self.rule(name, value) {
                rules.append(rule)
            } else {
                misunderstood(
                    "'\(word)' is not one of errors, slow=MILLISECONDS, slow_span=MILLISECONDS, p1 to p99, p1_span to p99_span, "
                        + "attribute=NAME:NUMBER, otherwise=PROBABILITY"
                )
            }
        }
        if !isUnderstood { probability = 1 }
    }

    private static func rule(_ name: String, _ value: Substring?) -> Rule? {
        switch (name, value) {
        case ("errors", nil): return .errors
        case ("slow", let value?), ("slow_span", let value?):
            guard let milliseconds = Int64(value), milliseconds >= 0 else { return nil }
            return .slow(.milliseconds(milliseconds), spans: name == "slow" ? .localRoots : .any)
        case ("attribute", let value?):
            guard let colon = value.lastIndex(of: ":"), colon > value.startIndex,
                let number = Double(value[value.index(after: colon)...])
            else { return nil }
            return .attribute(String(value[..<colon]), atLeast: number)
        case (_, nil) where name.hasPrefix("p"):
            let isOfAny = name.hasSuffix("_span")
            guard let percentile = Int(name.dropFirst().dropLast(isOfAny ? 5 : 0)), (1...99).contains(percentile) else {
                return nil
            }
            return .slowerThanUsual(quantile: Double(percentile) / 100, spans: isOfAny ? .any : .localRoots)
        default: return nil
        }
    }

    /// The rules as text, in the format of `SPANKIT_TAIL_SAMPLING`.
    public var description: String {
        let rules = rules.map { rule in
            switch rule {
            case .errors: "errors"
            case .slow(let limit, let spans): "slow\(spans == .any ? "_span" : "")=\(limit.wholeMilliseconds)"
            case .slowerThanUsual(let quantile, let spans):
                "p\(Int((quantile * 100).rounded()))\(spans == .any ? "_span" : "")"
            case .attribute(let name, let least): "attribute=\(name):\(least)"
            }
        }
        return (rules + ["otherwise=\(probability)"]).joined(separator: ",")
    }
}
