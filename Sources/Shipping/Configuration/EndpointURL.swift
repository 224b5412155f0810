import SpanKitPlatform

/// The parts of an `http` or `https` URL that an exporter needs (OTLP exporter specification, "Endpoint URLs for
/// OTLP/HTTP").
///
/// Write a Unix domain socket as `unix:///run/otel.sock` or `unix-abstract:name`, as in gRPC, or as
/// `http+unix://%2Frun%2Fotel.sock/v1/traces`, as in other HTTP clients. Only the last form can have a path for the request.
package struct EndpointURL: Equatable {
    /// `http`, `https`, or `http+unix` for a socket.
    package var scheme: String
    /// User information, host and port, as written. For a socket, its path with percent-encoding.
    package var authority: String
    /// The path with its leading slash; may be empty.
    package var path: String
    /// The query with its question mark; may be empty.
    package var query: String

    /// The reason why a text is not the URL of an endpoint.
    package enum Problem: Error, Equatable, CustomStringConvertible {
        case noScheme(String)
        case otherScheme(String)
        case noHost
        case badPort(String)
        case badSocket
        case badCharacter

        package var description: String {
            switch self {
            case .noScheme(let text): "has no scheme; write http://\(OTLPExporter.printable(url: text))"
            case .otherScheme(let scheme): "has the scheme \(scheme); use http, https or unix"
            case .noHost: "has no host; write one, such as http://localhost:4318"
            case .badPort(let port): "has the port '\(port)'; use a number from 1 to 65535"
            case .badSocket: "is not the path of a Unix domain socket, at most 107 bytes; write unix:///run/otel.sock"
            case .badCharacter: "contains a space or a control character; remove it"
            }
        }
    }

    package init(_ text: String) throws(Problem) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw .badCharacter }
        if let socket = try Self.socket(text) {
            scheme = "http+unix"
            authority = PercentCoding.encode(socket) { "-._~".utf8.contains($0) || Self.isLetterOrDigit($0) }
            path = ""
            query = ""
            return
        }
        guard let separator = text.firstRange(of: "://") else { throw .noScheme(text) }
        scheme = text[..<separator.lowerBound].lowercased()
        guard ["http", "https", "http+unix"].contains(scheme) else { throw .otherScheme(scheme) }
        let rest = text[separator.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let tail = rest.dropFirst(authority.count).prefix { $0 != "#" }
        self.authority = String(authority)
        path = String(tail.prefix { $0 != "?" })
        query = String(tail.dropFirst(path.count))
        guard scheme != "http+unix" else {
            guard let socketPath, Self.isSocket(socketPath) else { throw .badSocket }
            return
        }
        guard !host.isEmpty else { throw .noHost }
        if let port = portText, !(UInt16(port).map { $0 > 0 } ?? false) { throw .badPort(port) }
    }

    /// The URL of a receiver of gRPC. As in gRPC itself, the scheme may be missing, or be `dns:///`; TLS is then used unless
    /// `isInsecure`.
    package init(grpc text: String, isInsecure: Bool) throws(Problem) {
        let scheme = isInsecure ? "http" : "https"
        if text.lowercased().hasPrefix("dns:///") {
            try self.init("\(scheme)://\(text.dropFirst(7))")
        } else if text.contains("://") || text.lowercased().hasPrefix("unix:")
            || text.lowercased().hasPrefix("unix-abstract:")
        {
            try self.init(text)
        } else {
            try self.init("\(scheme)://\(text)")
        }
    }

    /// The URL without path and query.
    package var origin: String { "\(scheme)://\(authority)" }

    /// The path of the Unix domain socket, or `@` and the name of an abstract socket; nil for a host.
    package var socketPath: String? { scheme == "http+unix" ? PercentCoding.decode(authority) : nil }

    /// The path in a text such as `unix:///run/otel.sock`; nil if the text has another scheme.
    private static func socket(_ text: String) throws(Problem) -> String? {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        var path = text[text.index(after: colon)...]
        switch text[..<colon].lowercased() {
        case "unix":
            if path.hasPrefix("//") { path = path.dropFirst(2) }
            // With two slashes, only an absolute path is clear: the first part could be a host.
            guard path.startIndex == text.index(after: colon) || path.hasPrefix("/"), isSocket(path) else {
                throw .badSocket
            }
            return String(path)
        case "unix-abstract":
            guard isSocket("@\(path)") else { throw .badSocket }
            return "@\(path)"
        default: return nil
        }
    }

    private static func isSocket(_ path: some StringProtocol) -> Bool {
        // The size of `sockaddr_un.sun_path`, without its last zero.
        (path.hasPrefix("@") ? 2 : 1) <= path.utf8.count && path.utf8.count <= 107
            // A query may contain a secret, and the path is printed.
            && path.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
    }

    /// The host without user information and port; an IPv6 address without brackets. For a socket, its path.
    package var host: String {
        if let socketPath { return socketPath }
        let hostAndPort = hostAndPort
        if hostAndPort.hasPrefix("[") { return String(hostAndPort.dropFirst().prefix { $0 != "]" }) }
        return String(hostAndPort.prefix { $0 != ":" })
    }

    /// The port, or the scheme's default port (80 or 443). The port 4318 comes only from the built-in default URL.
    package var port: UInt16 {
        portText.flatMap { UInt16($0) } ?? (scheme == "https" ? 443 : 80)
    }

    private var hostAndPort: Substring {
        authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority[...]
    }

    private var portText: String? {
        let hostAndPort = hostAndPort
        let behindHost = hostAndPort.hasPrefix("[") ? hostAndPort.drop { $0 != "]" }.dropFirst() : hostAndPort
        guard let colon = behindHost.firstIndex(of: ":") else { return nil }
        let text = behindHost[behindHost.index(after: colon)...]
        return text.isEmpty ? nil : String(text)
    }

    /// The URL of a signal: this base URL and a path, with one slash between them.
    package func appending(_ signalPath: String) -> EndpointURL {
        var url = self
        while url.path.hasSuffix("/") { url.path.removeLast() }
        url.path += "/\(signalPath)"
        return url
    }

    /// The URL of a single signal, as configured. Without a path, it gets the path `/`; a socket gets the signal's path instead, because
    /// most forms of a socket cannot have one.
    package func asGiven(_ signalPath: String) -> EndpointURL {
        var url = self
        if socketPath != nil, path.isEmpty { return appending(signalPath) }
        if url.path.isEmpty { url.path = "/" }
        return url
    }

    /// The complete URL.
    package var text: String { "\(scheme)://\(authority)\(path)\(query)" }
}
