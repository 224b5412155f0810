import Foundation
import SpanKitTestSupport
import Testing

@testable import SpanKitServe
@testable import SpanKitStore

@Suite("spankit serve --tail", .generousTimeLimit)
struct TraceTailTests {
    @Test("prints a line for each trace that ends, and why it failed, without control characters")
    func lines() async throws {
        let server = try await ServeProcess(["--tail"], environment: ["TZ": "UTC", "LANG": "C.UTF-8"])
        for line in try PackageFiles.text("docs/samples/requests.jsonl").split(separator: "\n") {
            let answer = try await server.exchange(
                "POST",
                "/v1/traces",
                headers: ["Content-Type: application/json"],
                body: Array(line.utf8)
            )
            #expect(answer.status == 200)
        }
        let hostile = """
            {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",
            "name":"\\u001b[2Jboom\\nline","startTimeUnixNano":"1790000000000000000","endTimeUnixNano":"1790000001000000000",
            "status":{"code":2,"message":"a\\u0007b\\u202Ec"}}]}]}]}
            """
        _ = try await server.exchange(
            "POST",
            "/v1/traces",
            headers: ["Content-Type: application/json"],
            body: Array(hostile.replacing("\n", with: "").utf8)
        )
        let id = "trace 5b8efff798038103d269b633813fc60c"
        let output = try await eventually("the lines of all traces", server.output) {
            $0.contains(id) && $0.contains("trace d07607857f60187acf59841b0a6e08f8") && $0.contains("line: a")
        }
        let lines = output.split(separator: "\n").filter { $0.contains("  trace ") }
        #expect(lines.count == 31 && Set(lines).count == 31)
        let failed = try #require(lines.first { $0.contains("d07607857f60187acf59841b0a6e08f8") })
        #expect(
            failed.contains("POST /chat") && failed.contains("coach, gateway") && failed.contains("8 spans · 4 errors")
        )
        #expect(
            output.unicodeScalars.allSatisfy {
                $0 == "\n" || !$0.properties.isDefaultIgnorableCodePoint && $0.value >= 0x20
            }
        )
        server.send(SIGTERM)
        #expect(try await server.status() == 0)
    }
}
