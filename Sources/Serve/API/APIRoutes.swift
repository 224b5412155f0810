import Foundation
import Hummingbird
import SpanKitPlatform
import SpanKitReports
import SpanKitStore

/// The routes below `/api` that answer questions about the store. ``StatusRoute`` is another one.
struct APIRoutes: Sendable {
    let questions: StoreQuestions

    func add(to router: Router<BasicRequestContext>) {
        json("traces", router) { .json(try await $0.traces($1).document) }
        json("heatmap", router) { .json(try await $0.heatmap($1)) }
        json("operations", router) { .json(try await $0.operations($1).document.json) }
        json("errors", router) { .json(try await $0.errors($1).document.json) }
        json("models", router) { .json(try await $0.modelCalls($1, by: .model)) }
        json("conversations", router) { .json(try await $0.modelCalls($1, by: .conversation)) }
        json("services", router) { .json(try await $0.services($1)) }
        json("differences", router) { .json(try await $0.differences($1)) }
        json("compare", router) { .json(try await $0.comparison($1)) }
        json("keys", router) { .json(try await $0.keys($1)) }
        json("logs", router) { .json(try await $0.logs($1)) }
        json("metrics", router) { questions, _ in .json(try await questions.metrics()) }
        json("metric", router) { .json(try await $0.metric($1)) }
        json("open", router) { questions, _ in .json(try await questions.open().document.json) }
        trace("", router) { questions, id, _ in .page(try await questions.page(id)) }
        trace("/tree", router) { .text(try await $0.tree($1, $2)) }
        trace("/critical", router) { .json(try await $0.critical($1, $2)) }
        ExportRoute(store: questions.store).add(to: router)
        EventsRoute(store: questions.store).add(to: router)
    }

    private enum Answer {
        case json(JSONText)
        /// A document that is JSON text already.
        case page(String)
        case text(String)

        var response: Response {
            switch self {
            case .json(let document): JSONAnswer.ok(document)
            case .page(let document): JSONAnswer.ok(text: document)
            case .text(let text):
                Response(
                    status: .ok,
                    headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
                    body: ResponseBody(byteBuffer: ByteBuffer(string: text))
                )
            }
        }
    }

    private func json(
        _ name: String,
        _ router: Router<BasicRequestContext>,
        _ answer: @escaping @Sendable (StoreQuestions, APIParameters) async throws -> Answer
    ) {
        router.get(RouterPath("/api/\(name)")) { request, _ in
            await Self.response { try await answer(questions, try APIParameters(request)) }
        }
    }

    private func trace(
        _ part: String,
        _ router: Router<BasicRequestContext>,
        _ answer: @escaping @Sendable (StoreQuestions, String, APIParameters) async throws -> Answer
    ) {
        router.get(RouterPath("/api/trace/:id\(part)")) { request, context in
            await Self.response {
                try await answer(questions, context.parameters.get("id") ?? "", try APIParameters(request))
            }
        }
    }

    private static func response(_ answer: () async throws -> Answer) async -> Response {
        do { return try await answer().response } catch { return JSONAnswer.failure(error) }
    }
}

extension JSONAnswer {
    /// The answer to a request that failed.
    static func failure(_ error: any Error) -> Response {
        guard let failure = error as? APIFailure else {
            return JSONAnswer.error(.internalServerError, "the store could not be read: \(error)")
        }
        return JSONAnswer.error(HTTPResponse.Status(code: failure.status), failure.message)
    }
}

extension APIParameters {
    /// The query parameters of a request.
    init(_ request: Request) throws(APIFailure) {
        var items: [(name: String, value: String)] = []
        for part in (request.uri.query ?? "").split(separator: "&") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(sides[0]), let value = Self.decoded(sides.count > 1 ? sides[1] : "") else {
                throw APIFailure(status: 400, message: "the query of the URL is not percent-encoded UTF-8")
            }
            items.append((name, value))
        }
        try self.init(items)
    }

    /// A plus is a blank, as in forms.
    private static func decoded(_ text: Substring) -> String? {
        text.replacing("+", with: " ").removingPercentEncoding
    }
}
