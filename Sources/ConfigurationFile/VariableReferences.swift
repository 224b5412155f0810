/// Resolves `${NAME}`, `${env:NAME}`, `${NAME:-default}` and `$$` in values of a configuration file (OpenTelemetry
/// configuration, data model, "Environment variable substitution").
struct VariableReferences: Sendable {
    private let variables: [String: String]

    init(_ variables: [String: String]) {
        self.variables = variables
    }

    /// The value with its references replaced. References in the value of a variable are not resolved.
    /// - Throws: an error if `${` does not start a reference.
    func resolve(_ text: String, _ place: SettingPlace) throws(SettingSyntaxError) -> (
        text: String, isChanged: Bool
    ) {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return (text, false) }
        var result = ""
        var hasReferences = false
        var rest = Substring(text)
        // As the format requires, each `$$` splits the text, and the parts are resolved separately.
        while let escape = rest.firstRange(of: "$$") {
            result += try piece(rest[..<escape.lowerBound], place, &hasReferences) + "$"
            rest = rest[escape.upperBound...]
        }
        return (result + (try piece(rest, place, &hasReferences)), hasReferences)
    }

    private func piece(
        _ text: Substring,
        _ place: SettingPlace,
        _ hasReferences: inout Bool
    ) throws(SettingSyntaxError) -> String {
        var result = ""
        var rest = text
        while let start = rest.firstRange(of: "${"), let end = rest[start.upperBound...].firstIndex(of: "}") {
            result += rest[..<start.lowerBound]
            result += try value(of: rest[start.upperBound..<end], place)
            hasReferences = true
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private func value(of reference: Substring, _ place: SettingPlace) throws(SettingSyntaxError) -> String {
        let reference = reference.hasPrefix("env:") ? reference.dropFirst(4) : reference
        let name = reference.prefix { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
        let rest = reference.dropFirst(name.count)
        guard let first = name.first, !first.isNumber, rest.isEmpty || rest.hasPrefix(":-"), !rest.contains("\n")
        else {
            throw SettingSyntaxError(
                "'${\(reference)}' is not a variable reference; write ${NAME} or ${NAME:-default}, and $$ for a '$'",
                place
            )
        }
        if let value = variables[String(name)], !value.isEmpty { return value }
        return String(rest.dropFirst(2))
    }
}
