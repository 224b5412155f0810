/// A value of a configuration file with the place where it stands, whatever the file was written in.
struct SettingNode: Sendable {
    indirect enum Content: Sendable {
        case scalar(SettingScalar)
        case list([SettingNode])
        case map([Member])
    }

    struct Member: Sendable {
        var key: String
        var place: SettingPlace
        var value: SettingNode

        init(_ key: String, _ place: SettingPlace, _ value: SettingNode) {
            self.key = key
            self.place = place
            self.value = value
        }

        /// The key without what says how stable it is: `composite/development` is `composite`, as the format will call it once it is
        /// stable, and does from version 1.2 on.
        var name: String { String(key.prefix { $0 != "/" }) }
    }

    var content: Content
    var place: SettingPlace

    init(_ content: Content, _ place: SettingPlace) {
        self.content = content
        self.place = place
    }

    var isNull: Bool {
        if case .scalar(let scalar) = content { scalar.isNull } else { false }
    }

    /// What it is, for people.
    var kind: String {
        switch content {
        case .list: "a list"
        case .map: "a mapping"
        case .scalar(let scalar): scalar.isNull ? "empty" : scalar.shown
        }
    }
}

/// A number, a word, a text: what it means is decided by whoever asks for it, as far as quotation marks leave that open (YAML 1.2
/// core schema).
struct SettingScalar: Sendable {
    var text: String
    var isQuoted: Bool
    /// Some of it came out of a variable: it is not to be repeated in a line of a log.
    var hasReferences: Bool

    init(_ text: String, isQuoted: Bool, hasReferences: Bool = false) {
        self.text = text
        self.isQuoted = isQuoted
        self.hasReferences = hasReferences
    }

    var isNull: Bool { !isQuoted && ["", "~", "null", "Null", "NULL"].contains(text) }

    var bool: Bool? {
        guard !isQuoted else { return nil }
        switch text {
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: return nil
        }
    }

    var integer: Int? {
        guard !isQuoted else { return nil }
        if text.hasPrefix("0x") { return Int(text.dropFirst(2), radix: 16) }
        if text.hasPrefix("0o") { return Int(text.dropFirst(2), radix: 8) }
        return Int(text)
    }

    var number: Double? {
        guard !isQuoted else { return nil }
        return integer.map(Double.init) ?? Double(text)
    }

    var shown: String {
        if hasReferences { return "what its variable holds" }
        let short = text.count > 60 ? text.prefix(57) + "…" : text[...]
        return "'\(short)'"
    }
}

/// Counted from 1; a column counts characters of the file's encoding, as editors do for plain text.
struct SettingPlace: Sendable, Hashable {
    var line: Int
    var column: Int

    init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// Why a file cannot be read as what it should be.
struct SettingSyntaxError: Error {
    var text: String
    var place: SettingPlace?

    init(_ text: String, _ place: SettingPlace? = nil) {
        self.text = text
        self.place = place
    }
}
