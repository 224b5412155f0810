import SpanKitPlatform
import SpanKitReports

/// A JSON-RPC message from a client.
struct MCPRequest: Sendable {
    /// The id in the client's form; `nil` for a notification.
    let id: JSONText?
    let method: String
    let params: JSONValue

    private static let metaPrefix = "io.modelcontextprotocol/"

    /// - Throws: ``MCPFailure`` for anything else than a request or a notification.
    init(_ body: [UInt8]) throws(MCPFailure) {
        guard let message = JSONValue(body) else { throw .notJSON }
        guard case .object(let members) = message, members["jsonrpc"]?.string == "2.0",
            let method = members["method"]?.string
        else { throw .notARequest }
        switch members["id"] {
        case nil: id = nil
        case .text(let text)?: id = .string(text)
        case .number(let digits)?:
            guard let number = Int128(digits) else { throw .notARequest }
            id = .whole(number)
        default: throw .notARequest
        }
        self.method = method
        params = members["params"] ?? .object([:])
        guard case .object = params else { throw .parameters("params is not an object") }
    }

    /// The version that the request names itself, as the stateless protocol demands.
    var version: JSONValue? { params["_meta"]?[Self.metaPrefix + "protocolVersion"] }

    /// What the headers `MCP-Protocol-Version`, `Mcp-Method` and `Mcp-Name` say.
    struct Headers: Sendable {
        private var values: [String: [String]] = [:]

        static let version = "mcp-protocol-version"
        static let method = "mcp-method"
        static let name = "mcp-name"

        init(_ fields: [(name: String, value: String)]) {
            for field in fields { values[field.name.lowercased(), default: []].append(field.value) }
        }

        subscript(name: String) -> String? { values[name]?.last }

        /// The first of the three headers that was sent twice. Readers would not agree on its value.
        var repeated: String? {
            [Self.version, Self.method, Self.name].first { values[$0, default: []].count > 1 }
        }
    }

    /// Checks a request of the stateless protocol.
    /// - Parameter headers: The headers of HTTP; `nil` for another transport.
    /// - Throws: The first problem, in the order of the specification.
    func checkStateless(_ headers: Headers?) throws(MCPFailure) {
        let meta = params["_meta"]
        for key in ["protocolVersion", "clientCapabilities"] where meta?[Self.metaPrefix + key] == nil {
            throw .parameters("params._meta has no '\(Self.metaPrefix)\(key)'")
        }
        if let headers { try check(headers) }
        guard let version = version?.string else { throw .parameters("the protocol version is not a string") }
        guard MCPVersion.stateless.contains(version) else { throw .version(version) }
    }

    private func check(_ headers: Headers) throws(MCPFailure) {
        if let repeated = headers.repeated { throw .header("the header \(repeated) was sent twice") }
        func compare(_ name: String, _ value: String?, with part: String) throws(MCPFailure) {
            guard let sent = headers[name] else { throw .header("the header \(name) is missing") }
            guard Self.decoded(sent) == value else { throw .header("the header \(name) differs from \(part)") }
        }
        try compare(Headers.version, version?.string, with: "the version in params._meta")
        try compare(Headers.method, method, with: "the method")
        guard method == "tools/call", let name = params["name"]?.string else { return }
        try compare(Headers.name, name, with: "params.name")
    }

    /// The value of a header that cannot be written as it is: `=?base64?…?=`. `nil` if it is damaged.
    private static func decoded(_ value: String) -> String? {
        guard value.hasPrefix("=?base64?"), value.hasSuffix("?="), value.count >= 11 else { return value }
        return Base64.decode(value.dropFirst(9).dropLast(2)).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
