import SpanKitRecording
import Synchronization

/// A ``Redaction`` in the form that is applied: shared by all threads, never changed.
final class RedactionPlan: Sendable {
    /// What a rule is called and what it does.
    struct Action: Sendable {
        var name: [UInt8]
        var mode: Redaction.Mode
    }

    /// A function of the user's. How often it took too long is known to all threads.
    final class Function: Sendable {
        let name: String
        private let body: @Sendable (String, String) throws -> String?
        private let slowCalls = Atomic<Int>(0)

        /// From then on it is not called any more.
        private static let toleratedSlowCalls = 3

        init(_ name: String, _ body: @escaping @Sendable (String, String) throws -> String?) {
            self.name = name
            self.body = body
        }

        /// It threw, took too long, or has done so too often.
        struct Failed: Error {}

        /// What it makes of a text; nil to leave it.
        func callAsFunction(_ key: String, _ text: String, within limit: Duration) throws(Failed) -> String? {
            guard slowCalls.load(ordering: .relaxed) < Self.toleratedSlowCalls else { throw Failed() }
            let start = ContinuousClock.now
            let answer = Result { try body(key, text) }
            if start.duration(to: .now) > limit {
                slowCalls.add(1, ordering: .relaxed)
                throw Failed()
            }
            do { return try answer.get() } catch { throw Failed() }
        }
    }

    /// The built-in detectors first, by their bit; then the patterns; then the rules for attributes.
    let actions: [Action]
    let scanner: DetectorScanner
    let patterns: [Redaction.Pattern]
    /// Keys, or their starts, and the number of the action.
    let attributes: [(key: [UInt8], isPrefix: Bool, action: Int)]
    let functions: [Function]
    let timeLimit: Duration
    let hashKey: [UInt8]

    /// Where the patterns' actions begin.
    static let firstPattern = Redaction.Detectors.names.count

    init(_ redaction: Redaction) {
        var detectors: Redaction.Detectors = []
        var actions = Redaction.Detectors.names.map { Action(name: Array($0.utf8), mode: .drop) }
        var patterns: [Redaction.Pattern] = []
        var functions: [Function] = []
        for rule in redaction.rules {
            switch rule.finder {
            case .detectors(let own):
                detectors.formUnion(own)
                for bit in 0..<Self.firstPattern where own.rawValue & 1 << UInt8(bit) != 0 {
                    actions[bit].mode = rule.mode
                }
            case .pattern(let pattern):
                patterns.append(pattern)
                actions.append(Action(name: Array(rule.name.utf8), mode: rule.mode))
            case .function(let body): functions.append(Function(rule.name, body))
            case .attributes: break
            }
        }
        var attributes: [(key: [UInt8], isPrefix: Bool, action: Int)] = []
        for rule in redaction.rules {
            guard case .attributes(let keys) = rule.finder else { continue }
            for key in keys {
                let isPrefix = key.hasSuffix("*")
                attributes.append((Array((isPrefix ? key.dropLast() : key[...]).utf8), isPrefix, actions.count))
            }
            actions.append(Action(name: Array(rule.name.utf8), mode: rule.mode))
        }
        self.actions = actions
        self.patterns = patterns
        self.attributes = attributes
        self.functions = functions
        scanner = DetectorScanner(detectors)
        timeLimit = redaction.timeLimit
        hashKey = redaction.hashKey
    }

    /// The action for all values under a key; nil where there is none.
    func action(forKey key: UnsafeRawBufferPointer) -> Int? {
        for (own, isPrefix, action) in attributes {
            guard key.count >= own.count, isPrefix || key.count == own.count else { continue }
            if key.prefix(own.count).elementsEqual(own) { return action }
        }
        return nil
    }
}
