/// A query with the values of its parameters.
struct SQLQuery: Sendable {
    /// The name of the file; `query` for a query of the user.
    let name: String
    let text: String
    /// The values by name. They are passed to the engine as parameters and are never part of a text.
    let values: [String: String]
    /// Whether the query reads files instead of tables.
    let readsFiles: Bool

    private static let files = "files"

    /// A query of our own.
    /// - Throws: ``CommandFailure`` with status 64 if a parameter is unknown or has no value.
    init(_ file: SQLFile, _ given: [String: String]) throws(CommandFailure) {
        name = file.name
        text = file.statements.last ?? ""
        readsFiles = parameterNames(in: text).contains(Self.files)
        var values: [String: String] = [:]
        for parameter in file.parameters where parameter.name != Self.files {
            guard let value = given[parameter.name] ?? parameter.standard else {
                throw CommandFailure(.usage, "\(file.name) needs --param \(parameter.name)=…: \(parameter.meaning)")
            }
            values[parameter.name] = value
        }
        for name in given.keys.sorted() where values[name] == nil {
            let known = values.keys.sorted().joined(separator: ", ")
            throw CommandFailure(.usage, "--param: \(file.name) has no parameter '\(name)'; it has: \(known)")
        }
        self.values = values
    }

    /// A query of the user.
    /// - Throws: ``CommandFailure`` with status 64 if a parameter has no value.
    init(_ text: String, _ given: [String: String]) throws(CommandFailure) {
        name = "query"
        let end = text.lastIndex { !$0.isWhitespace && $0 != ";" }
        self.text = end.map { String(text[...$0]) } ?? ""
        readsFiles = false
        values = given
        for name in parameterNames(in: text).sorted() where given[name] == nil {
            throw CommandFailure(.usage, "the query has the parameter '\(name)'; give --param \(name)=…")
        }
        for name in given.keys.sorted() where !parameterNames(in: text).contains(name) {
            throw CommandFailure(.usage, "--param: the query has no parameter '\(name)'; write it as {\(name):String}")
        }
    }

    /// The query alone, for a server.
    var statement: SQLStatement { SQLStatement(text, values) }

    /// The statements that answer the query from files.
    /// - Parameter pattern: A path with a glob that matches the files.
    func statements(for pattern: String) -> [SQLStatement] {
        let path = [Self.files: pattern]
        let setUp =
            readsFiles
            ? SQLFile.functions.statements.map { SQLStatement($0) }
            : [SQLFile.functions, .schema, .histograms].flatMap(\.statements).map { SQLStatement($0) }
                + SQLFile.fromFiles.statements.map { SQLStatement($0, path) }
        return setUp + [SQLStatement(text, readsFiles ? values.merging(path) { $1 } : values)]
    }
}

/// A statement with the parameters that it uses.
struct SQLStatement: Sendable, Encodable {
    let sql: String
    /// The values by name, as the engine reads them: a text in which tabs, line feeds and backslashes are escaped.
    let parameters: [String: String]

    init(_ sql: String, _ values: [String: String] = [:]) {
        self.sql = sql
        let names = parameterNames(in: sql)
        parameters = values.filter { names.contains($0.key) }.mapValues(Self.escaped)
    }

    /// A value in the form of a field of ClickHouse's tab-separated values.
    static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\t", with: "\\t").replacing("\n", with: "\\n")
    }
}
