import SpanKit

/// A request or notification of the Model Context Protocol, without its arguments.
///
/// ```swift
/// var request = MCPRequest.toolCall("search")
/// request.transport = .pipe
/// ```
public struct MCPRequest: Sendable, Hashable {
    /// How messages are transported (`network.transport`).
    public enum Transport: String, Sendable {
        /// TCP, as for HTTP/1.1 and HTTP/2.
        case tcp
        /// QUIC, as for HTTP/3.
        case quic
        /// The standard input and output of a process.
        case pipe
    }

    /// The method, such as `tools/call` or `initialize`.
    public var method: String
    /// The name of the tool; nil for methods other than `tools/call`.
    public var toolName: String?
    /// The name of the prompt; nil for other methods than `prompts/get`.
    public var promptName: String?
    /// The URI of the resource. It is not part of the span's name.
    public var resourceURI: String?
    /// The ID of the JSON-RPC request; nil for a notification.
    public var requestID: String?
    /// The ID of the session.
    public var sessionID: String?
    /// The version of MCP, such as `2025-06-18`.
    public var protocolVersion: String?
    /// How messages are transported.
    public var transport: Transport?
    /// The address of the other side: the server for a client, and the client for a server.
    public var peerAddress: String?
    /// The port of the other side. It is only recorded if ``peerAddress`` is set.
    public var peerPort: Int?

    /// Creates a request with its required attribute.
    public init(_ method: String) {
        self.method = method
    }

    /// A call of a tool.
    public static func toolCall(_ name: String) -> MCPRequest {
        var request = MCPRequest("tools/call")
        request.toolName = name
        return request
    }

    /// The retrieval of a prompt.
    public static func prompt(_ name: String) -> MCPRequest {
        var request = MCPRequest("prompts/get")
        request.promptName = name
        return request
    }

    /// The name of the span: the method and the tool or prompt, such as `tools/call search`.
    public var spanName: String { ([method] + [toolName ?? promptName].compactMap(\.self)).joined(separator: " ") }

    /// The request as attributes.
    /// - Parameter isServer: whether this process is the server.
    public func attributes(isServer: Bool) -> Attributes {
        var attributes = Attributes()
        attributes.add(.mcpMethod, method)
        attributes.add(.operation, method == "tools/call" ? ModelOperation.executeTool.rawValue : nil)
        attributes.add(.toolName, toolName)
        attributes.add(.promptName, promptName)
        attributes.add(.mcpResource, resourceURI)
        attributes.add(.jsonRPCRequest, requestID)
        attributes.add(.mcpSession, sessionID)
        attributes.add(.mcpProtocol, protocolVersion)
        attributes.add(.networkTransport, transport?.rawValue)
        attributes.add(isServer ? .clientAddress : .serverAddress, peerAddress)
        attributes.add(isServer ? .clientPort : .serverPort, peerAddress == nil ? nil : peerPort)
        return attributes
    }
}
