/// Rules for removing sensitive data before anything leaves the process.
///
/// ```swift
/// configuration.redaction = .standard
/// configuration.redaction = Redaction([
///     .detectors(.all, .hash), .attributes(["user.*", "db.query.text"], .length),
///     .pattern(try Redaction.Pattern(#"\bACME-[0-9]{6}\b"#), named: "customer"),
/// ])
/// ```
/// The rules are applied right before encoding, to every text in spans, events, links, statuses, resources and scopes,
/// and to the keys of attributes. Only ``Rule/attributes(_:_:)`` redacts numbers.
///
/// If a rule fails or takes too long, the whole text is replaced.
public struct Redaction: Sendable {
    /// How the text that a rule finds is replaced. The replacement names the rule.
    public enum Mode: Sendable, Hashable {
        /// Replaces the text with the name of the rule alone: `[redacted:email]`.
        case drop
        /// Replaces the text with a hash, so that equal texts can be recognized: `[redacted:email 9f86d081884c7d65]`.
        ///
        /// The hash is the first 64 bits of an HMAC-SHA-256 with ``Redaction/hashKey``.
        case hash
        /// Replaces the text with its length: `[redacted:email 17 characters]`.
        case length
        /// Keeps the first characters and replaces the rest with its length: `ann[redacted:email 12 characters]`.
        case truncate(to: Int)
    }

    /// The rules.
    ///
    /// Rules for attributes are applied first, then functions, then all detectors and patterns in one step.
    public var rules: [Rule]
    /// The time limit for each function, and for all patterns together, to redact one text. The default is 10 ms.
    ///
    /// If they take longer, the whole text is replaced. This is wall time, which includes waiting for a processor.
    public var timeLimit = Duration.milliseconds(10)
    /// The secret key for the hashes of ``Mode/hash``. Without it, an attacker cannot guess a short text from its hash.
    /// The default is random for each process.
    ///
    /// Set your own key to recognize texts across processes, and keep it as secret as a password.
    public var hashKey: [UInt8] = Redaction.keyOfThisProcess

    /// Creates a redaction with these rules.
    public init(_ rules: [Rule]) {
        self.rules = rules
    }

    /// Removes everything that the built-in detectors find.
    public static let standard = Redaction([.detectors(.all)])

    private static let keyOfThisProcess: [UInt8] = {
        var random = SystemRandomNumberGenerator()
        return (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
    }()
}

extension Redaction {
    /// A rule: what to find, and how to replace it.
    public struct Rule: Sendable {
        enum Finder: Sendable {
            case detectors(Detectors)
            case pattern(Pattern)
            case attributes([String])
            case function(@Sendable (_ key: String, _ text: String) throws -> String?)
        }

        let finder: Finder
        /// The name in replacements.
        let name: String
        let mode: Mode

        /// Redacts what the built-in detectors find.
        public static func detectors(_ detectors: Detectors, _ mode: Mode = .drop) -> Rule {
            Rule(finder: .detectors(detectors), name: "", mode: mode)
        }

        /// Redacts what a pattern finds.
        /// - Parameters:
        ///   - pattern: the pattern.
        ///   - name: the name of the rule in replacements; one word.
        ///   - mode: how a match is replaced.
        public static func pattern(_ pattern: Pattern, named name: String, _ mode: Mode = .drop) -> Rule {
            Rule(finder: .pattern(pattern), name: name, mode: mode)
        }

        /// Redacts whole values of attributes, including numbers.
        ///
        /// It applies to attributes of spans, events, links and resources, and to the elements of maps.
        /// - Parameters:
        ///   - keys: the keys. A key that ends with `*` matches all keys that start with the text before it.
        ///   - mode: how a value is replaced.
        public static func attributes(_ keys: [String], _ mode: Mode = .drop) -> Rule {
            Rule(finder: .attributes(keys), name: "attribute", mode: mode)
        }

        /// Redacts with a function that you provide.
        ///
        /// The function is called on any thread, for every text that no rule for attributes has replaced. If it throws
        /// or takes longer than ``Redaction/timeLimit``, the whole text is replaced. After three calls that took too
        /// long, the function is no longer called, and every text that it would have received is replaced.
        /// - Parameters:
        ///   - name: the name of the rule, one word. If the function fails, the replacement contains this name.
        ///   - body: returns the new text, or nil to keep it. `key` is the attribute's key, or empty for other texts.
        public static func function(
            named name: String,
            _ body: @escaping @Sendable (_ key: String, _ text: String) throws -> String?
        ) -> Rule {
            Rule(finder: .function(body), name: name, mode: .drop)
        }
    }

    /// A set of built-in detectors.
    public struct Detectors: OptionSet, Sendable, Hashable {
        /// The detectors in the set, one bit for each.
        public let rawValue: UInt8

        /// Creates a set from its bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// API keys with a known prefix: Anthropic, OpenAI, AWS, Google, GitHub, GitLab, Slack, Stripe, Hugging Face, npm, PyPI,
        /// SendGrid, DigitalOcean, Shopify, Groq, xAI.
        public static let apiKeys = Detectors(rawValue: 1)
        /// Credentials after `Bearer` and `Basic`, and JSON web tokens.
        public static let bearerTokens = Detectors(rawValue: 2)
        /// PEM blocks of private keys, complete or truncated.
        public static let privateKeys = Detectors(rawValue: 4)
        /// E-mail addresses, also with `%40` instead of `@`.
        public static let emails = Detectors(rawValue: 8)
        /// International phone numbers (`+49 30 1234567`, `0049…`), and North American ones with separators.
        ///
        /// National numbers of other countries look like any other number; use a pattern for them.
        public static let phoneNumbers = Detectors(rawValue: 16)
        /// Payment card numbers: 13 to 19 digits with a valid first digit and check digit (Luhn).
        public static let paymentCards = Detectors(rawValue: 32)
        /// The user and password in a URL.
        public static let urlCredentials = Detectors(rawValue: 64)
        /// All detectors.
        public static let all = Detectors(rawValue: 127)

        /// The names in replacements, by the number of the bit.
        static let names = ["api_key", "bearer_token", "private_key", "email", "phone", "card", "url_credentials"]
    }
}
