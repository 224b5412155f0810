import SpanKitRecording
import Synchronization

/// A ``Redaction`` in the form in which it is applied. It never changes, and all threads share it.
final class RedactionPlan: Sendable {
    /// The name of a rule and how it replaces a text.
    struct Action: Sendable {
        var name: [UInt8]
        var mode: Redaction.Mode
    }

    /// A function of the user. All threads share the count of slow calls.
    final class Function: Sendable {
        let name: String
        private let body: @Sendable (String, String) throws -> String?
        private let slowCalls = Atomic<Int>(0)

        /// The number of slow calls after which the function is not called any more.
        private static let toleratedSlowCalls = 3

        init(_ name: String, _ body: @escaping @Sendable (String, String) throws -> String?) {
            self.name = name
            self.body = body
        }

        /// The function threw, took too long, or took too long too often before.
        struct Failed: Error {}

        /// The new text; nil to keep the text.
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

    /// The actions of the built-in detectors by their bit, then of the patterns, then of the rules for attributes.
    let actions: [Action]
    let scanner: DetectorScanner
    let patterns: [Redaction.Pattern]
    /// The keys, or the starts of keys, with the number of their action.
    let attributes: [(key: [UInt8], isPrefix: Bool, action: Int)]
    let functions: [Function]
    let timeLimit: Duration
    let hashKey: [UInt8]

    /// The number of the first pattern's action.
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

    /// The action for all values of a key; nil if no rule names the key.
    func action(forKey key: UnsafeRawBufferPointer) -> Int? {
        for (own, isPrefix, action) in attributes {
            guard key.count >= own.count, isPrefix || key.count == own.count else { continue }
            if key.prefix(own.count).elementsEqual(own) { return action }
        }
        return nil
    }

    /// The action for all values of a key; nil if no rule names the key, and for the empty key.
    func action(forKey key: String) -> Int? {
        var key = key
        return key.isEmpty ? nil : key.withUTF8 { action(forKey: UnsafeRawBufferPointer($0)) }
    }
}
