import ArgumentParser
import Foundation
import SpanKitCLI
import SpanKitHTTP
import SpanKitPlatform
import SpanKitReports

/// `spankit mcp`
package struct MCPCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        "mcp",
        abstract: "Give a coding agent access to a running 'spankit serve' (Model Context Protocol).",
        discussion: """
            Speaks the protocol on standard input and standard output, an object on each line. The server need not run yet: it is asked \
            when a tool is called. Agents that speak HTTP can use http://127.0.0.1:4318/mcp without this command.

            Exit status: 0 standard input ended, 64 wrong usage.
            """,
        examples: ["mcp", "mcp --server http://127.0.0.1:4318"]
    )

    @Option(help: ArgumentHelp("The address of the server.", valueName: "url"))
    var server = ServerAddress.usual

    package init() {}

    package func run() async throws {
        let service = MCPService(caller: RemoteTools(server: try ServerAddress(server)))
        let output = OutputLines()
        // A tool may wait for a trace. The other requests are answered in the meantime.
        await withTaskGroup(of: Void.self) { tasks in
            for await line in Self.lines() {
                tasks.addTask {
                    guard let body = await service.answer(line).body else { return }
                    output.write(body.compact)
                }
            }
        }
    }

    /// The lines of standard input that are not empty. A thread reads them, because reading waits.
    private static func lines() -> AsyncStream<[UInt8]> {
        AsyncStream { continuation in
            WaitingThread.run {
                while let line = readLine(strippingNewline: true) {
                    if !line.utf8.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) { continuation.yield(Array(line.utf8)) }
                }
                continuation.finish()
            }
        }
    }

    /// Writes whole lines from several tasks.
    private final class OutputLines: Sendable {
        private let lock = Locked(())

        func write(_ line: String) { lock.withLock { _ in StandardStreams.output.write(line + "\n") } }
    }
}

/// Calls the tools of a running server over HTTP.
struct RemoteTools: MCPToolCaller {
    let server: ServerAddress

    func call(_ tool: MCPTool, _ arguments: JSONValue) async -> MCPToolAnswer {
        let version = MCPVersion.stateless[0]
        let meta = JSONText.object([
            ("io.modelcontextprotocol/protocolVersion", .string(version)),
            ("io.modelcontextprotocol/clientCapabilities", .object([])),
        ])
        let body = JSONText.object([
            ("jsonrpc", "2.0"), ("id", .count(1)), ("method", "tools/call"),
            (
                "params",
                .object([("name", .string(tool.rawValue)), ("arguments", JSONText(arguments)), ("_meta", meta)])
            ),
        ])
        let headers =
            server.headers + [
                ("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream"),
                ("MCP-Protocol-Version", version), ("Mcp-Method", "tools/call"), ("Mcp-Name", tool.rawValue),
            ]
        var request = HTTPRequest(
            url: server.url("/mcp"),
            headers: HTTPHeaders(headers),
            body: Array(body.compact.utf8)
        )
        request.timeout = .seconds(MCPTool.timeouts.upperBound + 30)
        let answer = await HTTPClient.send(request)
        guard answer.failure == nil, answer.status == 200, let message = JSONValue(answer.body),
            let result = message["result"]
        else { return .failure(ServerFailure.text(of: answer, from: server)) }
        guard case .array(let contents)? = result["content"], let text = contents.first?["text"]?.string else {
            return .failure("\(server): the answer has no text; is the server of another version?")
        }
        return MCPToolAnswer(
            text: text,
            content: result["structuredContent"].map { JSONText($0) },
            isError: result["isError"] == .bool(true)
        )
    }
}

extension JSONText {
    /// A value that was read. The order of the members of objects is that of their names.
    init(_ value: JSONValue) {
        switch value {
        case .object(let members):
            self = .object(members.sorted { $0.key < $1.key }.map { ($0.key, JSONText($0.value)) })
        case .array(let elements): self = .list(elements.map { JSONText($0) })
        case .text(let text): self = .string(text)
        case .number(let digits):
            self = Int128(digits).map { .whole($0) } ?? Double(digits).map { .number($0) } ?? .null
        case .bool(let truth): self = .bool(truth)
        case .null: self = .null
        }
    }
}
