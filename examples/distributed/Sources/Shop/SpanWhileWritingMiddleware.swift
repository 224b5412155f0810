import Hummingbird
import Tracing

/// Makes the span of a request current while the body of its response is written.
///
/// Hummingbird writes the body after all middlewares have returned. Code that runs then, such as that of `MetricsMiddleware`, has no
/// current span, so its metrics have no exemplars and its log lines no trace id. Add this middleware between `TracingMiddleware` and
/// those that need the span.
struct SpanWhileWritingMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard let current = ServiceContext.current else { return response }
        let body = response.body
        response.body = ResponseBody(contentLength: body.contentLength) { writer in
            try await ServiceContext.withValue(current) { try await body.write(writer) }
        }
        return response
    }
}
