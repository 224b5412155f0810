import Hummingbird
import SpanKitServer
import Tracing

/// The labels of an article, in a streamed response: `GET /labels/{article}`.
enum Labels {
    static func addRoutes(to router: Router<BasicRequestContext>) {
        router.get("labels/:article") { _, context in
            let article = try context.parameters.require("article")
            // Hummingbird calls the closure after the handler has returned, outside of the request's span.
            return Response(
                status: .ok,
                body: ResponseBody(
                    inCurrentSpan { writer in
                        for number in 1...2 {
                            let label = withSpan("print label") { _ in "\(article) \(number)\n" }
                            try await writer.write(ByteBuffer(string: label))
                        }
                        try await writer.finish(nil)
                    }
                )
            )
        }
    }
}
