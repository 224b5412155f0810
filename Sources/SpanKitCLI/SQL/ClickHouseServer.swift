import Foundation
import SpanKitHTTP
import SpanKitPlatform

/// A ClickHouse server that answers over HTTP, `clickhouse://host:port/database?since=…&until=…&service=…`.
struct ClickHouseServer: Sendable {
    /// The scheme, the host and the port.
    let base: String
    let database: String
    /// The values of `buckets.sql` that the address contains: since, until, service and histograms.
    var values: [String: String]

    static let schemes = ["clickhouse", "clickhouses"]
    private static let example = "clickhouse://localhost:8123/otel"
    private static let known = ["since", "until", "service", "histograms"]
    static let userVariable = "CLICKHOUSE_USER"
    static let passwordVariable = "CLICKHOUSE_PASSWORD"

    /// Whether a text is meant as the address of a server.
    static func isAddress(_ text: String) -> Bool { schemes.contains { text.lowercased().hasPrefix("\($0)://") } }

    /// - Throws: ``CommandFailure`` with status 64. The error does not contain the text, which may contain a password.
    init(_ text: String) throws(CommandFailure) {
        guard Self.isAddress(text), let parts = URLComponents(string: text), let host = parts.percentEncodedHost,
            !host.isEmpty
        else { throw CommandFailure(.usage, "the address of a ClickHouse server has the form \(Self.example)") }
        guard parts.user == nil, parts.password == nil else {
            throw CommandFailure(
                .usage,
                "the address of \(host) contains a user or a password; set \(Self.userVariable) and \(Self.passwordVariable) instead"
            )
        }
        let isSecure = parts.scheme?.lowercased() == "clickhouses"
        base = "\(isSecure ? "https" : "http")://\(host):\(parts.port ?? (isSecure ? 8443 : 8123))"
        let path = parts.path.drop { $0 == "/" }
        guard !path.contains("/") else {
            throw CommandFailure(
                .usage,
                "\(base): '\(path)' is not the name of a database; write it as in \(Self.example)"
            )
        }
        database = path.isEmpty ? "default" : String(path)
        values = [:]
        for item in parts.queryItems ?? [] {
            guard Self.known.contains(item.name) else {
                throw CommandFailure(
                    .usage,
                    "\(base): there is no parameter '\(item.name)'; the address may contain \(Self.known.joined(separator: ", "))"
                )
            }
            values[item.name] = item.value ?? ""
        }
    }

    /// The name in reports, such as `localhost:8123/otel`.
    var name: String { "\(base.split(separator: "/").last ?? "")/\(database)" }

    /// Runs a query.
    /// - Returns: The answer in the format `JSONCompact`.
    /// - Throws: ``CommandFailure`` with status 69 if the server cannot be reached or denies access, and 65 if the query fails.
    func ask(_ query: SQLStatement) async throws(CommandFailure) -> [UInt8] {
        let settings = [
            ("database", database), ("default_format", "JSONCompact"), ("output_format_json_quote_64bit_integers", "1"),
            // The server reports an error that occurs later with a status as well.
            ("wait_end_of_query", "1"),
        ]
        let items = settings + query.parameters.sorted { $0.key < $1.key }.map { ("param_\($0.key)", $0.value) }
        let address = base + "/?" + items.map { "\($0.0)=\(ServerAddress.encoded($0.1))" }.joined(separator: "&")
        var request = HTTPRequest(url: address, headers: HTTPHeaders(Self.credentials), body: Array(query.sql.utf8))
        request.maximumResponseBytes = 1 << 30
        let answer = await HTTPClient.send(request)
        if answer.status == 200, answer.failure == nil { return answer.body }
        throw failure(answer)
    }

    private static var credentials: [(name: String, value: String)] {
        let environment = ProcessInfo.processInfo.environment
        let fields = [("X-ClickHouse-User", userVariable), ("X-ClickHouse-Key", passwordVariable)]
        return fields.compactMap { name, variable in
            environment[variable].flatMap { $0.isEmpty ? nil : (name, $0) }
        }
    }

    private func failure(_ answer: HTTPAnswer) -> CommandFailure {
        switch answer.failure {
        case .noConnection(.refused, _):
            return CommandFailure(
                .unavailable,
                "\(base): nothing listens there; give the HTTP port of ClickHouse, usually 8123"
            )
        case .noConnection(_, let reason), .settings(let reason):
            return CommandFailure(.unavailable, "\(base): \(reason)")
        case .timedOut: return CommandFailure(.unavailable, "\(base): there was no answer in time")
        case .answerTooLarge:
            return CommandFailure(
                .data,
                "\(base): the answer is larger than 1 GiB; select less with since, until or service"
            )
        case .cancelled: return CommandFailure(.unavailable, "\(base): the request was cancelled")
        case nil: break
        }
        let text = String(decoding: answer.body.prefix(1 << 16), as: UTF8.self)
        let code = text.firstMatch(of: /Code: (\d+)/).flatMap { Int($0.1) }
        switch (answer.status, code) {
        case (401, _), (403, _), (_, 516), (_, 194):
            return CommandFailure(
                .unavailable,
                "\(base): access is denied; set \(Self.userVariable) and \(Self.passwordVariable)"
            )
        case (_, 81): return CommandFailure(.unavailable, "\(base): there is no database '\(database)'")
        case (_, 60), (_, 46):
            return CommandFailure(
                .unavailable,
                "\(name): \(SQLEngine.message(text)); create what is missing with 'spankit sql --functions --schema --view'"
            )
        case (_, .some): return SQLEngine.failure(text)
        default:
            return CommandFailure(
                .unavailable,
                "\(base): answered with status \(answer.status); is it the HTTP port of ClickHouse?"
            )
        }
    }
}
