/// Header fields that change while the program runs, such as a token that expires.
///
/// ```swift
/// exporter.credentials = .bearerToken(file: "/var/run/secrets/tokens/otel")
/// exporter.credentials = .headers { try await .bearer(tokens.fetch(), validFor: .seconds(600)) }
/// ```
///
/// While there are no valid credentials, or the receiver answers 401, batches are kept and retried as if the receiver were unavailable. Values
/// are never logged or stored. Fields with the same name in ``OTLPExporter/headers`` are replaced.
public struct OTLPCredentials: Sendable, Hashable {
    enum Source: Sendable {
        case file(String)
        case provider(HeaderProvider)
    }

    let source: Source

    /// A file with a token, which is sent as `Authorization: Bearer TOKEN`.
    ///
    /// The file is read again when it is replaced or changed, which is checked at most once a second, and when the receiver answers 401. While
    /// it is missing, empty or longer than 64 KiB, the last token is used.
    /// - Parameter path: The path. It is opened again for each read, so that it can be a symbolic link that changes, as in Kubernetes.
    public static func bearerToken(file path: String) -> OTLPCredentials {
        OTLPCredentials(source: .file(path))
    }

    /// A closure that fetches header fields.
    ///
    /// It is called when the export starts, when four fifths of ``ExpiringHeaders/validFor`` are over, and when the receiver answers 401. It
    /// is called in a task of its own, and only if there is something to send. If it throws or exceeds the time limit, it is called again
    /// after a backoff of 1 to 60 s. Each exporter calls it separately.
    /// - Parameters:
    ///   - timeLimit: The time limit of a call, after which its task is cancelled.
    ///   - fetch: Fetches the fields.
    public static func headers(
        timeLimit: Duration = .seconds(10),
        _ fetch: @escaping @Sendable () async throws -> ExpiringHeaders
    ) -> OTLPCredentials {
        OTLPCredentials(source: .provider(HeaderProvider(timeLimit, fetch)))
    }

    /// Whether they are from the same file or the same closure.
    public static func == (left: OTLPCredentials, right: OTLPCredentials) -> Bool {
        switch (left.source, right.source) {
        case (.file(let left), .file(let right)): left == right
        case (.provider(let left), .provider(let right)): left === right
        case (.file, .provider), (.provider, .file): false
        }
    }

    /// Hashes the path, or the identity of the closure.
    public func hash(into hasher: inout Hasher) {
        switch source {
        case .file(let path): hasher.combine(path)
        case .provider(let provider): hasher.combine(ObjectIdentifier(provider))
        }
    }
}

extension OTLPCredentials: CustomStringConvertible {
    /// Where the credentials come from, without their values.
    public var description: String {
        switch source {
        case .file(let path): "the bearer token in \(path)"
        case .provider: "the headers of a closure"
        }
    }
}

/// Header fields with the time for which they are valid.
public struct ExpiringHeaders: Sendable {
    /// The header fields.
    public var headers: [HTTPHeader]
    /// The time from now on for which they are valid; nil if they are valid until the receiver refuses them.
    public var validFor: Duration?

    /// Creates header fields.
    public init(_ headers: [HTTPHeader], validFor: Duration? = nil) {
        self.headers = headers
        self.validFor = validFor
    }

    /// The field `Authorization: Bearer TOKEN`.
    public static func bearer(_ token: String, validFor: Duration? = nil) -> ExpiringHeaders {
        ExpiringHeaders([HTTPHeader(name: "Authorization", value: "Bearer \(token)")], validFor: validFor)
    }
}

extension ExpiringHeaders: CustomStringConvertible {
    /// The names without the values, which are secret.
    public var description: String { headers.map(\.description).joined(separator: ", ") }
}

/// The closure of ``OTLPCredentials/headers(timeLimit:_:)``.
final class HeaderProvider: Sendable {
    let timeLimit: Duration
    let fetch: @Sendable () async throws -> ExpiringHeaders

    init(_ timeLimit: Duration, _ fetch: @escaping @Sendable () async throws -> ExpiringHeaders) {
        self.timeLimit = timeLimit
        self.fetch = fetch
    }
}
