import SpanKitHTTP
import SpanKitPlatform

/// Adds the credentials of one receiver to requests, and renews them when the receiver refuses them.
///
/// Only the thread of its ``OTLPClient`` may use it.
final class LiveCredentials: @unchecked Sendable {
    private let source: any CredentialSource
    private let description: String
    /// The version of the credentials of each request in flight, by token.
    private var used: [Int: Int] = [:]

    init(_ credentials: OTLPCredentials) {
        description = credentials.description
        source =
            switch credentials.source {
            case .file(let path): TokenFile(path)
            case .provider(let provider): ProviderCalls(provider)
            }
    }

    /// The header fields for the next request: the given ones with the credentials.
    /// - Parameters:
    ///   - token: identifies the request.
    ///   - timeout: the time that the request has.
    /// - Returns: nil if there are no valid credentials; ``problem`` says why.
    func headers(
        with fields: [(name: String, value: String)],
        token: Int,
        timeout: Duration?
    ) -> [(name: String, value: String)]? {
        guard let current = source.current(.now, waitingAtMost: timeout) else { return nil }
        used[token] = current.version
        let names = Set(current.fields.map { $0.name.lowercased() })
        return fields.filter { !names.contains($0.name.lowercased()) } + current.fields
    }

    /// The answer of a request for which there were no credentials.
    var missing: HTTPAnswer {
        HTTPAnswer(failure: .noConnection(.other, "there are no valid credentials: \(source.problem ?? description)"))
    }

    /// Reads an answer. If the receiver has refused the credentials, it renews them and changes the answer so that the request is retried.
    ///
    /// A status of gRPC counts even if the stream ends after it: some servers and proxies refuse a request before they have read its body.
    func read(_ answer: HTTPAnswer, token: Int) -> HTTPAnswer {
        let version = used.removeValue(forKey: token)
        // UNAUTHENTICATED of gRPC. The status of HTTP is 0 after a failure.
        guard answer.status == 401 || GRPCStatus(answer.grpcFields)?.code == 16 else { return answer }
        if let version { source.refuse(version: version) }
        let problem = source.problem.map { " (\($0))" } ?? ""
        return HTTPAnswer(
            failure: .noConnection(
                .other,
                "\(answer.status == 401 ? "status 401" : "UNAUTHENTICATED"): the receiver refused \(description)\(problem)"
            )
        )
    }
}

/// Where credentials come from.
protocol CredentialSource {
    typealias Fields = (fields: [(name: String, value: String)], version: Int)

    /// The valid header fields, and a number that changes with them; nil without valid ones.
    /// - Parameter limit: how long to wait for them; nil for no limit.
    func current(_ now: ContinuousClock.Instant, waitingAtMost limit: Duration?) -> Fields?
    /// Renews the credentials, because the receiver has refused this version of them.
    func refuse(version: Int)
    /// Why the newest credentials could not be read.
    var problem: String? { get }
}
