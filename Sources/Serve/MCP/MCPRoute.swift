import Hummingbird
import SpanKitReports

/// `POST /mcp`: the Model Context Protocol over HTTP ("streamable HTTP"). There are no sessions and no streams from the server.
struct MCPRoute: Sendable {
    let service: MCPService

    /// The maximum size of a request in bytes.
    private static let longestBody = 1 << 20

    func add(to router: Router<BasicRequestContext>) {
        router.post("/mcp") { request, _ in await response(to: request) }
        for method in [HTTPRequest.Method.get, .delete] {
            router.on("/mcp", method: method) { _, _ in
                var response = JSONAnswer.error(.methodNotAllowed, "/mcp: only POST is answered; there are no sessions")
                response.headers[.allow] = "POST"
                return response
            }
        }
    }

    private func response(to request: Request) async -> Response {
        let type = request.headers[.contentType]?.split(separator: ";").first.map(String.init)?.trimmingSpaces
            .lowercased()
        guard type == "application/json" else {
            return JSONAnswer.error(.unsupportedMediaType, "/mcp: the Content-Type is not application/json")
        }
        let accepted = request.headers[.accept]
        guard accepted.map({ $0.contains("application/json") || $0.contains("*/*") }) ?? true else {
            return JSONAnswer.error(.notAcceptable, "/mcp: answers are application/json, which Accept does not contain")
        }
        var body: [UInt8] = []
        do {
            for try await part in request.body {
                body.append(contentsOf: part.readableBytesView)
                guard body.count <= Self.longestBody else {
                    return JSONAnswer.error(.contentTooLarge, "/mcp: the body is longer than \(Self.longestBody) bytes")
                }
            }
        } catch {
            return JSONAnswer.error(.badRequest, "/mcp: the body is cut off")
        }
        let headers = MCPRequest.Headers(request.headers.map { (name: $0.name.canonicalName, value: $0.value) })
        let answer = await service.answer(body, headers)
        return JSONAnswer.answer(HTTPResponse.Status(code: answer.status), answer.body)
    }
}
