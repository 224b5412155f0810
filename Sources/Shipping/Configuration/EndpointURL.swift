/// The parts of an `http` or `https` URL that an exporter needs (OTLP exporter specification, "Endpoint URLs for
/// OTLP/HTTP").
package struct EndpointURL: Equatable {
    package var scheme: String
    /// User information, host and port, as written.
    package var authority: String
    /// The path with its leading slash; may be empty.
    package var path: String
    /// The query with its question mark; may be empty.
    package var query: String

    /// Why a text is not an endpoint.
    package enum Problem: Error, Equatable, CustomStringConvertible {
        case noScheme(String)
        case otherScheme(String)
        case noHost
        case badPort(String)
        case badCharacter

        package var description: String {
            switch self {
            case .noScheme(let text): "has no scheme; write http://\(OTLPExporter.printable(url: text))"
            case .otherScheme(let scheme): "has the scheme \(scheme); use http or https"
            case .noHost: "has no host; write one, such as http://localhost:4318"
            case .badPort(let port): "has the port '\(port)'; use a number from 1 to 65535"
            case .badCharacter: "contains a space or a control character; remove it"
            }
        }
    }

    package init(_ text: String) throws(Problem) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw .badCharacter }
        guard let separator = text.firstRange(of: "://") else { throw .noScheme(text) }
        scheme = text[..<separator.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { throw .otherScheme(scheme) }
        let rest = text[separator.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let tail = rest.dropFirst(authority.count).prefix { $0 != "#" }
        self.authority = String(authority)
        path = String(tail.prefix { $0 != "?" })
        query = String(tail.dropFirst(path.count))
        guard !host.isEmpty else { throw .noHost }
        if let port = portText, !(UInt16(port).map { $0 > 0 } ?? false) { throw .badPort(port) }
    }

    /// The host without user information and port; an IPv6 address without brackets.
    package var host: String {
        let hostAndPort = hostAndPort
        if hostAndPort.hasPrefix("[") { return String(hostAndPort.dropFirst().prefix { $0 != "]" }) }
        return String(hostAndPort.prefix { $0 != ":" })
    }

    /// The port, or the scheme's default port. 4318 is only part of the built-in default URL.
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

    /// The URL of a signal below this base URL, with one slash between them.
    package func appending(_ signalPath: String) -> EndpointURL {
        var url = self
        while url.path.hasSuffix("/") { url.path.removeLast() }
        url.path += "/\(signalPath)"
        return url
    }

    /// The URL with the path `/` if it has none. The URL of a single signal is used like this.
    package var asGiven: EndpointURL {
        var url = self
        if url.path.isEmpty { url.path = "/" }
        return url
    }

    /// The complete URL.
    package var text: String { "\(scheme)://\(authority)\(path)\(query)" }
}
