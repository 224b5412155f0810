import SpanKit
import Testing

@testable import SpanKitGenAI

@Suite("Spans and metrics of the Model Context Protocol are those of the conventions")
struct MCPTests {
    private struct Broken: TypedError { var errorType: String { "timeout" } }

    private static let full: MCPRequest = {
        var request = MCPRequest.toolCall("search")
        request.requestID = "7"
        request.sessionID = "s"
        request.protocolVersion = "2025-06-18"
        request.transport = .tcp
        request.peerAddress = "10.0.0.1"
        request.peerPort = 99
        return request
    }()

    private static let common: [String: AttributeValue] = [
        "mcp.method.name": "tools/call", "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search",
        "jsonrpc.request.id": "7", "mcp.session.id": "s", "mcp.protocol.version": "2025-06-18",
        "network.transport": "tcp",
    ]

    private func attributes(_ span: RecordedSpan) -> [String: AttributeValue] {
        Dictionary(span.attributes.map { ($0.key, $0.value) }) { $1 }
    }

    @Test("a client's span has the server's address, a server's span the client's", arguments: Conventions.allCases)
    func spans(conventions: Conventions) async throws {
        let models = ModelTelemetry.forTests(conventions)
        await models.mcpClient(Self.full) { _ in }
        await models.mcpServer(Self.full) { _ in }
        let spans = models.profiler.recordedSpans()
        #expect(spans.map(\.name) == ["tools/call search", "tools/call search"])
        #expect(spans.map(\.kind) == [.client, .server])
        let client: [String: AttributeValue] = ["server.address": "10.0.0.1", "server.port": 99]
        let server: [String: AttributeValue] = ["client.address": "10.0.0.1", "client.port": 99]
        #expect(spans.map(attributes) == [client, server].map { Self.common.merging($0) { $1 } })
    }

    @Test(
        "names of spans have the tool or the prompt, and no URI",
        arguments: [
            (MCPRequest("initialize"), "initialize"), (.prompt("greet"), "prompts/get greet"),
            (.toolCall("search"), "tools/call search"), (resource, "resources/read"),
        ]
    )
    func names(request: MCPRequest, name: String) {
        #expect(request.spanName == name)
        let keys = request.attributes(isServer: false).elements.map(\.key)
        #expect(keys.contains("gen_ai.operation.name") == (request.method == "tools/call"))
        #expect(keys.contains("gen_ai.prompt.name") == (request.promptName != nil))
        #expect(keys.contains("mcp.resource.uri") == (request.resourceURI != nil))
    }

    private static let resource: MCPRequest = {
        var request = MCPRequest("resources/read")
        request.resourceURI = "file:///a"
        return request
    }()

    @Test("the trace continues from the client to the server through _meta")
    func propagation() async throws {
        let models = ModelTelemetry.forTests()
        var request = Self.full
        request.transport = .pipe
        await models.mcpClient(request) { client in
            await models.mcpServer(request, meta: client.meta) { server in
                #expect(SpanHandle.current.context == server.span.context)
            }
        }
        let spans = models.profiler.recordedSpans()
        let client = try #require(spans.first { $0.kind == .client })
        let server = try #require(spans.first { $0.kind == .server })
        #expect(server.parentSpanID == client.context.spanID && server.context.traceID == client.context.traceID)
        #expect(client.value("network.transport") == "pipe")
    }

    @Test("an execute_tool span around a tool call gets the attributes, and there is no second span")
    func oneSpan() async throws {
        let models = ModelTelemetry.forTests()
        await models.call(.tool("search", from: .anthropic)) { tool in
            await models.mcpClient(Self.full) { call in #expect(call.span.context == tool.span.context) }
        }
        let spans = models.profiler.recordedSpans()
        #expect(spans.map(\.name) == ["execute_tool search"])
        #expect(spans.first?.value("mcp.method.name") == "tools/call")
    }

    @Test(
        "errors are the JSON-RPC code, the tool's error or the error's type",
        arguments: [("code", "-32602", "-32602"), ("tool", "tool_error", nil), ("thrown", "timeout", nil)]
            as [(String, String, String?)]
    )
    func errors(kind: String, errorType: String, status: String?) async throws {
        let models = ModelTelemetry.forTests()
        try? await models.mcpServer(Self.full) { call in
            if kind == "code" { call.fail(code: -32_602) }
            if kind == "tool" { call.failTool() }
            if kind == "thrown" { throw Broken() }
        }
        let span = try #require(models.profiler.recordedSpans().first)
        #expect(span.value("error.type") == .string(errorType) && span.status == .error(""))
        #expect(span.value("rpc.response.status_code") == status.map { .string($0) })
        let metric = try #require(models.metrics?.metrics(.classic).first)
        let attributes = Dictionary(metric.points[0].attributes.map { ($0.key, $0.value) }) { $1 }
        #expect(attributes["error.type"] == .string(errorType) && attributes["mcp.method.name"] == "tools/call")
        #expect(
            attributes["mcp.session.id"] == nil && attributes["jsonrpc.request.id"] == nil,
            "each would be a series"
        )
    }

    @Test(
        "arguments and results are recorded only if content is turned on",
        arguments: [
            (MCPRequest.toolCall("search"), ContentPart.toolArguments, "gen_ai.tool.call.arguments"),
            (.toolCall("search"), .toolResult, "gen_ai.tool.call.result"),
            (.prompt("greet"), .promptVariable("city"), "gen_ai.prompt.variable.city"),
        ] as [(MCPRequest, ContentPart, String)]
    )
    func content(request: MCPRequest, part: ContentPart, name: String) async throws {
        for content in [ContentCapture(), nil] {
            let models = ModelTelemetry.forTests(.v0_1_0, content: content)
            await models.mcpClient(request) { $0.setContent(part, "[1]") }
            await models.mcpServer(request) { $0.setContent(part, "[1]") }
            // The span of an execution gets the content of the call in it.
            await models.call(.tool("search", from: .openAI)) { _ in
                await models.mcpClient(.toolCall("search")) { $0.setContent(part, "[1]") }
            }
            let expected: AttributeValue? = content == nil ? nil : "[1]"
            #expect(models.profiler.recordedSpans().map { $0.value(name) } == [expected, expected, expected])
        }
    }

    @Test("content is cut to the limit")
    func cutContent() async throws {
        var capture = ContentCapture()
        capture.maximumBytes = 200
        let models = ModelTelemetry.forTests(.v0_1_0, content: capture)
        await models.mcpClient(.toolCall("search")) { $0.setContent(.toolResult, String(repeating: "x", count: 1_000)) }
        let span = try #require(models.profiler.recordedSpans().first)
        guard case .string(let text) = span.value("gen_ai.tool.call.result") else {
            Issue.record("the result is missing")
            return
        }
        #expect(text.utf8.count <= 202 && text.contains("trimmed: 1000 bytes"))
        #expect(span.value("spankit.gen_ai.content.trimmed") == 1)
    }

    @Test(
        "attributes are those of the method, for clients and servers",
        arguments: [
            (MCPRequest("initialize"), [:]), (.prompt("greet"), ["gen_ai.prompt.name": "greet"]),
            (.toolCall("f"), ["gen_ai.tool.name": "f", "gen_ai.operation.name": "execute_tool"]),
            (resource, ["mcp.resource.uri": "file:///a"]), (request(.quic), ["network.transport": "quic"]),
            (request(.pipe), ["network.transport": "pipe"]), (request(.tcp), ["network.transport": "tcp"]),
        ] as [(MCPRequest, [String: AttributeValue])]
    )
    func attributes(request: MCPRequest, expected: [String: AttributeValue]) {
        let all = expected.merging(["mcp.method.name": .string(request.method)]) { $1 }
        for isServer in [false, true] {
            let elements = request.attributes(isServer: isServer).elements
            #expect(Dictionary(elements.map { ($0.key, $0.value) }) { $1 } == all, "no peer, no port")
        }
    }

    private static func request(_ transport: MCPRequest.Transport) -> MCPRequest {
        var request = MCPRequest("ping")
        request.transport = transport
        request.peerPort = 99
        return request
    }

    @Test("the four metrics", arguments: Conventions.allCases)
    func metrics(conventions: Conventions) async {
        let models = ModelTelemetry.forTests(conventions)
        await models.mcpClient(Self.full) { _ in }
        await models.mcpServer(Self.full) { _ in }
        for isServer in [false, true] { models.recordMCPSession(.seconds(3), isServer: isServer, like: Self.full) }
        let metrics = models.metrics?.metrics(.classic) ?? []
        let names = ["client", "server"].flatMap { ["mcp.\($0).operation.duration", "mcp.\($0).session.duration"] }
        #expect(Set(metrics.map(\.name)) == Set(names) && metrics.allSatisfy { $0.unit == "s" })
    }
}
