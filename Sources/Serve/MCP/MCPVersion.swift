/// The revisions of the Model Context Protocol that the server speaks.
enum MCPVersion {
    /// The stateless protocol: each request names its version and the client's capabilities.
    static let stateless = ["2026-07-28"]
    /// The protocol with a handshake (`initialize`). The first one is offered to clients of other revisions.
    static let withHandshake = ["2025-11-25", "2025-06-18"]

    static var all: [String] { stateless + withHandshake }
}

/// A failure of the protocol, as opposed to one of a tool.
struct MCPFailure: Error, Equatable {
    let code: Int
    let message: String
    /// The versions of an unsupported one.
    var requestedVersion: String?

    static let notJSON = MCPFailure(code: -32700, message: "the body is not a JSON object")
    static let notARequest = MCPFailure(
        code: -32600,
        message: "not a JSON-RPC 2.0 request: give jsonrpc, id (a string or a whole number) and method"
    )

    static func unknownMethod(_ method: String) -> MCPFailure {
        MCPFailure(code: -32601, message: "there is no method '\(method)'")
    }

    static func parameters(_ message: String) -> MCPFailure { MCPFailure(code: -32602, message: message) }

    /// A header is missing, is sent twice, or disagrees with the body.
    static func header(_ message: String) -> MCPFailure { MCPFailure(code: -32020, message: message) }

    static func version(_ version: String) -> MCPFailure {
        MCPFailure(code: -32022, message: "unsupported protocol version", requestedVersion: version)
    }

    /// The status of the response. The stateless protocol defines it; with the handshake, failures of methods are answered with 200.
    func httpStatus(isStateless: Bool) -> Int {
        switch code {
        case -32700, -32600, -32020, -32022: 400
        case -32602: isStateless ? 400 : 200
        case -32601: isStateless ? 404 : 200
        default: 200
        }
    }
}
