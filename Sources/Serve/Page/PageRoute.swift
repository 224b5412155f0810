import Hummingbird
import SpanKitOTLP

/// `GET /` and `GET /assets/NAME`: the files of the page.
///
/// `RequestGuard` adds the content security policy, by which a browser runs only these scripts and connects only to this server.
struct PageRoute: Sendable {
    private struct File: Sendable {
        let type: String
        let body: ByteBuffer
        let tag: String

        init(_ type: String, _ text: String) {
            self.type = type
            body = ByteBuffer(string: text)
            tag =
                "\""
                + SHA256.digest(Array(text.utf8)).prefix(12).map { byte in
                    String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
                }.joined() + "\""
        }
    }

    private let document = File("text/html; charset=utf-8", PageAssets.index)
    private let files = PageAssets.files.mapValues { File($0.type, $0.body) }

    func add(to router: Router<BasicRequestContext>) {
        router.get("/") { request, _ in Self.answer(request, document) }
        router.get("/assets/:name") { request, context in
            guard let file = files[context.parameters.get("name") ?? ""] else {
                return JSONAnswer.error(.notFound, "\(request.uri.path): the page has no such file; reload the page")
            }
            return Self.answer(request, file)
        }
    }

    /// The file, or 304 if the browser has it. It asks each time, so that a page never runs with the scripts of another version.
    private static func answer(_ request: Request, _ file: File) -> Response {
        var headers = HTTPFields()
        headers[.eTag] = file.tag
        headers[.cacheControl] = "no-cache"
        guard request.headers[.ifNoneMatch] != file.tag else { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = file.type
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: file.body))
    }
}
