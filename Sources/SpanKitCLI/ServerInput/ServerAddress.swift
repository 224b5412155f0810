import Foundation

/// The address of a running `spankit serve`.
package struct ServerAddress: Sendable, Equatable, CustomStringConvertible {
    /// The scheme, the host and the port, such as `http://127.0.0.1:4318`.
    package let base: String
    /// What the server demands from programs; `nil` if it listens on a loopback address only.
    package let token: String?

    /// The address without the token.
    package var description: String { base }

    /// The address at which `spankit serve` listens by default.
    package static let usual = "http://127.0.0.1:4318"

    /// Whether a text is meant as a URL.
    package static func isURL(_ text: String) -> Bool {
        ["http://", "https://"].contains { text.lowercased().hasPrefix($0) }
    }

    /// Reads the address of the server, of its page, or the link with a token that the server prints (`http://host:4318/?t=…`).
    /// - Throws: ``CommandFailure`` with status 64.
    package init(_ text: String) throws(CommandFailure) {
        guard Self.isURL(text), let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            let host = parts.percentEncodedHost, !host.isEmpty
        else {
            let advice = text.contains("://") ? Self.usual : "http://\(text)"
            throw CommandFailure(.usage, "--server: '\(text)' is not the URL of a server; write it as in \(advice)")
        }
        guard ["", "/"].contains(parts.path), parts.user == nil else {
            throw CommandFailure(
                .usage,
                "--server: '\(text)' has a path or a user; give only the address, such as \(Self.usual)"
            )
        }
        base = "\(scheme)://\(host)" + (parts.port.map { ":\($0)" } ?? "")
        token = parts.queryItems?.first { $0.name == "t" }?.value
    }

    /// The URL of a path with query parameters.
    package func url(_ path: String, _ parameters: [(name: String, value: String)] = []) -> String {
        guard !parameters.isEmpty else { return base + path }
        return base + path + "?" + parameters.map { "\($0.name)=\(Self.encoded($0.value))" }.joined(separator: "&")
    }

    /// A text in the form in which an address contains it.
    static func encoded(_ text: String) -> String {
        let plain = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }

    /// The headers that every request needs.
    package var headers: [(name: String, value: String)] {
        token.map { [("Authorization", "Bearer \($0)")] } ?? []
    }
}
