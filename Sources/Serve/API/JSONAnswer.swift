import Hummingbird
import SpanKitReports

/// Answers of the API in JSON.
enum JSONAnswer {
    static func ok(_ document: JSONText) -> Response { answer(.ok, document) }

    /// A document that is JSON text already.
    static func ok(text: String) -> Response { answer(.ok, text: text) }

    /// An error as one line: what happened, where, and what to do.
    static func error(_ status: HTTPResponse.Status, _ line: String) -> Response {
        answer(status, .object([("error", .string(line))]))
    }

    /// - Parameter document: The body; `nil` for none.
    static func answer(_ status: HTTPResponse.Status, _ document: JSONText?) -> Response {
        guard let document else { return Response(status: status) }
        return answer(status, text: document.compact)
    }

    private static func answer(_ status: HTTPResponse.Status, text: String) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
