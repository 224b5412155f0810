/// A value in a JSON or YAML configuration file, with its line and column.
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

        /// The key without its stability suffix: `composite/development` is `composite`. The format removes the suffix
        /// when a key becomes stable.
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

    /// A description for error messages.
    var kind: String {
        switch content {
        case .list: "a list"
        case .map: "a mapping"
        case .scalar(let scalar): scalar.isNull ? "empty" : scalar.shown
        }
    }
}

/// A scalar. Its type depends on the setting that it belongs to; only a quoted scalar is always a string (YAML 1.2 core
/// schema).
struct SettingScalar: Sendable {
    var text: String
    var isQuoted: Bool
    /// Whether it contains the value of an environment variable, which must not be logged.
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
        if hasReferences { return "the value of its variable" }
        let short = text.count > 60 ? text.prefix(57) + "…" : text[...]
        return "'\(short)'"
    }
}

/// A line and a column, from 1. A column counts Unicode scalars.
struct SettingPlace: Sendable, Hashable {
    var line: Int
    var column: Int

    init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// A syntax error in a configuration file.
struct SettingSyntaxError: Error {
    var text: String
    var place: SettingPlace?

    init(_ text: String, _ place: SettingPlace? = nil) {
        self.text = text
        self.place = place
    }
}
