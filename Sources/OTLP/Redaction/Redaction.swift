/// What may not leave the process, and what stands in its place.
///
/// ```swift
/// configuration.redaction = .standard
/// configuration.redaction = Redaction([
///     .detectors(.all, .hash), .attributes(["user.*", "db.query.text"], .length),
///     .pattern(try Redaction.Pattern(#"\bACME-[0-9]{6}\b"#), named: "customer"),
/// ])
/// ```
/// It is applied last, to every text of every span, event, link, status, resource and scope, whoever recorded it, and to the keys
/// of attributes: whatever is encoded has gone through here. Numbers are left alone, except under ``Rule/attributes(_:_:)``.
///
/// It is closed on failure: where a rule throws or takes too long, the whole text is replaced.
public struct Redaction: Sendable {
    /// What is done with a text, or the part of it, that a rule finds. What is there instead says so and names the rule.
    public enum Mode: Sendable, Hashable {
        /// Nothing is left: `[redacted:email]`.
        case drop
        /// Equal texts stay recognisable: `[redacted:email 9f86d081884c7d65]`, the first 64 bits of an HMAC-SHA-256 with
        /// ``Redaction/hashKey``.
        case hash
        /// Its length is left: `[redacted:email 17 characters]`.
        case length
        /// So many characters are left, then: `[redacted:email 12 characters]`.
        case truncate(to: Int)
    }

    /// In the order they are applied: those for attributes, functions, then all detectors and patterns at once.
    public var rules: [Rule]
    /// How long each function, and all patterns together, may work on one text: 10 ms by default. What takes longer has failed, and
    /// the whole text is replaced. Measured in real time, so that a thread that has to wait for a processor loses some of it.
    public var timeLimit = Duration.milliseconds(10)
    /// For ``Mode/hash``: short texts could be guessed from a hash without a key. By default one that is drawn once in the
    /// life of the process; give your own to recognise texts across processes, and keep it as you keep passwords.
    public var hashKey: [UInt8] = Redaction.keyOfThisProcess

    /// Applies these rules.
    public init(_ rules: [Rule]) {
        self.rules = rules
    }

    /// All built-in detectors, and nothing left of what they find.
    public static let standard = Redaction([.detectors(.all)])

    private static let keyOfThisProcess: [UInt8] = {
        var random = SystemRandomNumberGenerator()
        return (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
    }()
}

extension Redaction {
    /// One thing to look for, and what to do with it.
    public struct Rule: Sendable {
        enum Finder: Sendable {
            case detectors(Detectors)
            case pattern(Pattern)
            case attributes([String])
            case function(@Sendable (_ key: String, _ text: String) throws -> String?)
        }

        let finder: Finder
        /// What stands in the place of what was found.
        let name: String
        let mode: Mode

        /// What the built-in detectors find.
        public static func detectors(_ detectors: Detectors, _ mode: Mode = .drop) -> Rule {
            Rule(finder: .detectors(detectors), name: "", mode: mode)
        }

        /// What a pattern finds.
        /// - Parameter name: one word.
        public static func pattern(_ pattern: Pattern, named name: String, _ mode: Mode = .drop) -> Rule {
            Rule(finder: .pattern(pattern), name: name, mode: mode)
        }

        /// Whole values of attributes, numbers too, of spans, events, links, resources, and within maps.
        /// - Parameter keys: exact keys, or the start of keys where one ends with `*`.
        public static func attributes(_ keys: [String], _ mode: Mode = .drop) -> Rule {
            Rule(finder: .attributes(keys), name: "attribute", mode: mode)
        }

        /// What a function makes of a text.
        ///
        /// It is called on the thread that sends, for every text that is not settled yet: give a string to replace it, nil to
        /// leave it. `key` is the attribute's, empty for texts that are no attribute's value. Where it throws or takes longer than
        /// ``Redaction/timeLimit`` the text is replaced; after a few times too long it is not called any more, and everything that it
        /// would have seen is replaced.
        /// - Parameter name: one word, for what is there when it fails.
        public static func function(
            named name: String,
            _ body: @escaping @Sendable (_ key: String, _ text: String) throws -> String?
        ) -> Rule {
            Rule(finder: .function(body), name: name, mode: .drop)
        }
    }

    /// What is found without being told how it looks.
    public struct Detectors: OptionSet, Sendable, Hashable {
        /// One bit for each.
        public let rawValue: UInt8

        /// Several at once.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Keys with a known prefix: Anthropic, OpenAI, AWS, Google, GitHub, GitLab, Slack, Stripe, Hugging Face, npm, PyPI,
        /// SendGrid, DigitalOcean, Shopify, Groq, xAI.
        public static let apiKeys = Detectors(rawValue: 1)
        /// What stands behind `Bearer` and `Basic`, and JSON web tokens.
        public static let bearerTokens = Detectors(rawValue: 2)
        /// PEM blocks of private keys, whole or cut.
        public static let privateKeys = Detectors(rawValue: 4)
        /// E-mail addresses, `%40` for the `@` included.
        public static let emails = Detectors(rawValue: 8)
        /// International numbers (`+49 30 1234567`, `0049…`) and North American ones with separators. National numbers of
        /// other countries look like any other number: use a pattern.
        public static let phoneNumbers = Detectors(rawValue: 16)
        /// 13 to 19 digits, in groups or not, with a first digit that cards have and the right check digit (Luhn).
        public static let paymentCards = Detectors(rawValue: 32)
        /// User and password in a URL.
        public static let urlCredentials = Detectors(rawValue: 64)
        /// All of these.
        public static let all = Detectors(rawValue: 127)

        /// What stands in the place of what was found, by the number of the bit.
        static let names = ["api_key", "bearer_token", "private_key", "email", "phone", "card", "url_credentials"]
    }
}
