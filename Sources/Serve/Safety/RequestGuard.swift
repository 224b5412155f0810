import HTTPTypes
import Hummingbird
import SpanKitPlatform

/// Answers the requests that websites and other machines must not make, before they are routed.
///
/// A server on a loopback address can be reached from every website that the user visits. The rules, in order:
/// - `Host` is exactly one of the server's own names with its port (DNS rebinding).
/// - With a token, every request has it: as `Authorization: Bearer`, or as the cookie that `/?t=TOKEN` sets.
/// - Only `/v1/*` may be used from other origins: loopback origins of any port, and those of `--cors`. Its content types are such that
///   every request from another origin needs a preflight.
/// - Everything else refuses requests of other origins and other sites.
struct RequestGuard<Inner: HTTPResponder>: HTTPResponder {
    typealias Context = Inner.Context

    /// The rules, which contain the port that is known once the server listens.
    let rules: @Sendable () -> SafetyRules
    let inner: Inner

    func respond(to request: Request, context: Inner.Context) async throws -> Response {
        let rules = rules()
        if let refusal = rules.refusal(of: request) { return rules.securing(refusal, request) }
        if rules.isPreflight(request) { return rules.securing(Response(status: .noContent), request) }
        if let session = rules.session(request) { return rules.securing(session, request) }
        return rules.securing(try await inner.respond(to: request, context: context), request)
    }
}

/// Answers requests without a route in the form of the API, instead of without a body.
struct ClearErrors<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do { return try await next(request, context) } catch let error as any HTTPResponseError {
            let path = request.uri.path
            let line =
                switch error.status {
                case .notFound: "\(path): there is no such address; the page is at /, the receiver at /v1/traces"
                case .methodNotAllowed: "\(path): \(request.method) is not supported"
                default: "\(path): \(error.status.reasonPhrase)"
                }
            return JSONAnswer.error(error.status, line)
        }
    }
}

/// Which requests are answered, and the headers of the answers.
package struct SafetyRules: Sendable {
    /// The values of `Host` that are accepted.
    private let hosts: Set<String>
    /// The origins of the page.
    private let ownOrigins: Set<String>
    /// Further origins that may send to `/v1/*`.
    private let allowedOrigins: Set<String>
    /// The token that every request needs; nil on loopback addresses.
    private let token: String?

    /// - Parameters:
    ///   - names: The host names and addresses of the server, without the port.
    ///   - origins: Further origins that may send to `/v1/*`, such as `https://app.example.com`.
    package init(names: [String], port: Int, origins: [String] = [], token: String? = nil) {
        let names = names.map { $0.lowercased() }
        hosts = Set(names.map { "\($0):\(port)" } + (port == 80 ? names : []))
        ownOrigins = Set(hosts.map { "http://\($0)" })
        allowedOrigins = Set(origins.map { $0.lowercased() })
        self.token = token
    }

    // MARK: Requests

    func refusal(of request: Request) -> Response? {
        guard let host = request.head.authority?.lowercased(), hosts.contains(host),
            !request.headers.contains(where: { $0.name.canonicalName == "host" })
        else {
            return JSONAnswer.error(
                .forbidden,
                "the Host header is not an address of this server; use \(hosts.min() ?? ""), or add the name with --host"
            )
        }
        let isReceiver = request.uri.path.hasPrefix("/v1/")
        let origins = request.headers[values: .origin].map { $0.lowercased() }
        guard origins.count <= 1 else { return JSONAnswer.error(.forbidden, "there are several Origin headers") }
        if let origin = origins.first, !ownOrigins.contains(origin) {
            guard isReceiver else {
                return JSONAnswer.error(.forbidden, "requests from the website \(origin) are not answered")
            }
            guard isAllowed(origin) else {
                return JSONAnswer.error(
                    .forbidden,
                    "the website \(origin) may not send telemetry; to allow it, start with --cors \(origin)"
                )
            }
        } else if origins.isEmpty, !isReceiver, request.headers[.secFetchSite] == "cross-site" {
            // Such as an image or a script of this server in another website's page. A link to the page is allowed.
            guard request.headers[.secFetchMode] == "navigate", request.method == .get, request.uri.path == "/" else {
                return JSONAnswer.error(.forbidden, "requests from other websites are not answered")
            }
        }
        if isPreflight(request) { return nil }
        guard let token else { return nil }
        if offeredTokens(request).contains(where: { Self.isEqual($0, token) }) || session(request) != nil { return nil }
        var answer = JSONAnswer.error(
            .unauthorized,
            "the server needs its token; open the address that it printed, or send Authorization: Bearer TOKEN"
        )
        answer.headers[.wwwAuthenticate] = "Bearer"
        return answer
    }

    func isPreflight(_ request: Request) -> Bool {
        request.method == .options && request.uri.path.hasPrefix("/v1/")
            && request.headers[.accessControlRequestMethod] != nil
    }

    /// For `/?t=TOKEN`: sets the cookie and removes the token from the address.
    func session(_ request: Request) -> Response? {
        guard let token, request.method == .get, request.uri.path == "/",
            let offered = request.uri.queryParameters["t"].map(String.init), Self.isEqual(offered, token)
        else { return nil }
        let cookie = "spankit=\(token); Path=/; HttpOnly; SameSite=Strict"
        return Response(status: .seeOther, headers: [.location: "/", .setCookie: cookie])
    }

    private func offeredTokens(_ request: Request) -> [String] {
        let bearer = request.headers[.authorization].flatMap { value -> String? in
            value.lowercased().hasPrefix("bearer ") ? String(value.dropFirst(7)) : nil
        }
        let cookies = request.headers[values: .cookie].flatMap { $0.split(separator: ";") }
            .map(\.trimmingSpaces).filter { $0.hasPrefix("spankit=") }.map { String($0.dropFirst(8)) }
        return cookies + (bearer.map { [$0] } ?? [])
    }

    /// Compares without stopping at the first difference, so that the time tells nothing about the token.
    private static func isEqual(_ offered: String, _ token: String) -> Bool {
        let (offered, token) = (Array(offered.utf8), Array(token.utf8))
        guard offered.count == token.count else { return false }
        return zip(offered, token).reduce(0 as UInt8) { $0 | $1.0 ^ $1.1 } == 0
    }

    private func isAllowed(_ origin: String) -> Bool {
        if allowedOrigins.contains(origin) { return true }
        for scheme in ["http://", "https://"] where origin.hasPrefix(scheme) {
            let host = origin.dropFirst(scheme.count)
            for name in ["localhost", "127.0.0.1", "[::1]"] {
                if host == name { return true }
                if host.hasPrefix(name + ":"), host.dropFirst(name.count + 1).allSatisfy(\.isNumber) { return true }
            }
        }
        return false
    }

    // MARK: Answers

    /// Adds the headers that every answer has.
    func securing(_ response: Response, _ request: Request) -> Response {
        var response = response
        response.headers[.contentSecurityPolicy] = Self.policy
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.crossOriginResourcePolicy] = "same-origin"
        response.headers[.crossOriginOpenerPolicy] = "same-origin"
        response.headers[.referrerPolicy] = "no-referrer"
        guard request.uri.path.hasPrefix("/v1/") else { return response }
        response.headers[.vary] = "Origin"
        guard let origin = request.headers[.origin], response.status != .forbidden else { return response }
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.crossOriginResourcePolicy] = "cross-origin"
        response.headers[.accessControlExposeHeaders] = "Retry-After"
        if isPreflight(request) {
            response.headers[.accessControlAllowMethods] = "POST"
            response.headers[.accessControlAllowHeaders] =
                request.headers[.accessControlRequestHeaders] ?? "content-type, content-encoding"
            response.headers[.accessControlMaxAge] = "600"
        }
        return response
    }

    private static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
    ].joined(separator: "; ")
}

extension HTTPField.Name {
    fileprivate static func known(_ name: String) -> HTTPField.Name {
        guard let known = HTTPField.Name(name) else { preconditionFailure("\(name) is the name of a header") }
        return known
    }

    static let secFetchSite = known("Sec-Fetch-Site")
    static let secFetchMode = known("Sec-Fetch-Mode")
    static let crossOriginOpenerPolicy = known("Cross-Origin-Opener-Policy")
    static let referrerPolicy = known("Referrer-Policy")
}
