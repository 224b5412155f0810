/// A value of a configuration file with the place where it stands, whatever the file was written in.
package struct SettingNode: Sendable {
    package indirect enum Content: Sendable {
        case scalar(SettingScalar)
        case list([SettingNode])
        case map([Member])
    }

    package struct Member: Sendable {
        package var key: String
        package var place: SettingPlace
        package var value: SettingNode

        package init(_ key: String, _ place: SettingPlace, _ value: SettingNode) {
            self.key = key
            self.place = place
            self.value = value
        }

        /// The key without what says how stable it is: `composite/development` is `composite`, as the format will call it once it is
        /// stable, and does from version 1.2 on.
        package var name: String { String(key.prefix { $0 != "/" }) }
    }

    package var content: Content
    package var place: SettingPlace

    package init(_ content: Content, _ place: SettingPlace) {
        self.content = content
        self.place = place
    }

    package var isNull: Bool {
        if case .scalar(let scalar) = content { scalar.isNull } else { false }
    }

    /// What it is, for people.
    package var kind: String {
        switch content {
        case .list: "a list"
        case .map: "a mapping"
        case .scalar(let scalar): scalar.isNull ? "empty" : scalar.shown
        }
    }
}

/// A number, a word, a text: what it means is decided by whoever asks for it, as far as quotation marks leave that open (YAML 1.2
/// core schema).
package struct SettingScalar: Sendable {
    package var text: String
    package var isQuoted: Bool
    /// Some of it came out of a variable: it is not to be repeated in a line of a log.
    package var hasReferences: Bool

    package init(_ text: String, isQuoted: Bool, hasReferences: Bool = false) {
        self.text = text
        self.isQuoted = isQuoted
        self.hasReferences = hasReferences
    }

    package var isNull: Bool { !isQuoted && ["", "~", "null", "Null", "NULL"].contains(text) }

    package var bool: Bool? {
        guard !isQuoted else { return nil }
        switch text {
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: return nil
        }
    }

    package var integer: Int? {
        guard !isQuoted else { return nil }
        if text.hasPrefix("0x") { return Int(text.dropFirst(2), radix: 16) }
        if text.hasPrefix("0o") { return Int(text.dropFirst(2), radix: 8) }
        return Int(text)
    }

    package var number: Double? {
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
package struct SettingPlace: Sendable, Hashable {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// Why a file cannot be read as what it should be.
package struct SettingSyntaxError: Error {
    package var text: String
    package var place: SettingPlace?

    package init(_ text: String, _ place: SettingPlace? = nil) {
        self.text = text
        self.place = place
    }
}
