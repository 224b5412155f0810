import Foundation
import SpanKitTestSupport
import Testing

@testable import SpanKitServe

/// The client from PyPI, over both transports and with both protocols.
@Suite("Coding agents", .generousTimeLimit)
struct MCPClientTests {
    @Test(
        "the official client finds, reads and waits for traces",
        .needs(.mcp),
        arguments: ["http", "stdio"],
        ["auto", "legacy"]
    )
    func client(transport: String, mode: String) async throws {
        let server = try await RunningBackend()
        try await server.send(try PackageFiles.text("docs/samples/requests.jsonl"))
        let program = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Support/mcp_client.py").path
        let run = try await Command.run(
            .mcp,
            ["-I", program, transport, mode, server.url, BuiltProducts.url("spankit").path],
            environment: ["LANG": "C.UTF-8", "TZ": "UTC"]
        )
        #expect(run.status == 0, "\(run.error)")
        let found = try parsed(run.output)
        #expect(found["version"] as? String == (mode == "auto" ? "2026-07-28" : "2025-11-25"))
        let tools = try #require(found["tools"] as? [String])
        #expect(tools.contains("find_traces") && tools.contains("wait_for"))
        let answers = try #require(found["answers"] as? [String: [String: Any]])
        for (name, answer) in answers {
            let isError = name == "unknown_trace" || name == "open_spans"
            #expect(answer["is_error"] as? Bool == isError, "\(name): \(answer)")
            #expect((answer["text"] as? String ?? "").utf8.count <= 8_192, "\(name)")
        }
        let list = try #require(answers["find_traces"])
        let rows = (list["content"] as? [String: Any])?.rows ?? []
        #expect(rows.count == 3 && (list["text"] as? String ?? "").contains("| "))
        let outline = answers["get_trace"]?["text"] as? String
        #expect(outline?.contains("POST /chat") == true)
        #expect((answers["errors"]?["content"] as? [String: Any])?["schema"] as? String == "spankit.errors/1")
        #expect((answers["top_operations"]?["content"] as? [String: Any])?["schema"] as? String == "spankit.top/1")
        #expect((answers["compare"]?["content"] as? [String: Any])?["schema"] as? String == "spankit.diff/1")
        try await server.stop()
    }
}
