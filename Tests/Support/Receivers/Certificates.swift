import Foundation

/// Certificates for one test, in a folder that is removed with this object.
public final class Certificates: Sendable {
    /// The subject of a certificate, and what is wrong with it.
    public enum Name: String, Sendable, CaseIterable {
        /// The authority that signs the others.
        case authority
        /// For 127.0.0.1 and localhost.
        case server
        /// Like `server`, but expired yesterday.
        case expired
        /// For a host that does not exist.
        case wrongHost
        /// For a client.
        case client
        /// Self-signed, so no client trusts it.
        case stranger
    }

    private let files = TemporaryFolder("certificates")
    private var folder: String { files.path }

    /// Creates all certificates with `openssl`.
    public init() async throws {
        try "[req]\ndistinguished_name = name\n[name]\n"
            .write(toFile: folder + "/openssl.cnf", atomically: true, encoding: .utf8)
        for name in Name.allCases { try await make(name) }
    }

    /// The PEM file of a certificate.
    public func certificate(_ name: Name) -> String { "\(folder)/\(name.rawValue).pem" }

    /// The PEM file of its private key.
    public func key(_ name: Name) -> String { "\(folder)/\(name.rawValue).key" }

    private func make(_ name: Name) async throws {
        let here = "subjectAltName=IP:127.0.0.1,DNS:localhost"
        let extensions =
            switch name {
            case .authority: ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"]
            case .server, .expired: [here, "extendedKeyUsage=serverAuth"]
            case .wrongHost: ["subjectAltName=DNS:elsewhere.test", "extendedKeyUsage=serverAuth"]
            case .client: ["extendedKeyUsage=clientAuth"]
            case .stranger: [here]
            }
        let request =
            [
                "-config", folder + "/openssl.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes", "-subj", "/CN=spankit test \(name.rawValue)", "-keyout", key(name),
            ] + extensions.flatMap { ["-addext", $0] }
        let signing = ["-CA", certificate(.authority), "-CAkey", key(.authority)]
        let out = ["-out", certificate(name)]
        switch name {
        case .authority, .stranger:
            try await openssl(["req", "-x509", "-days", "30"] + request + out)
        case .server, .wrongHost, .client:
            try await openssl(["req", "-x509", "-days", "30"] + request + signing + out)
        case .expired:
            let file = certificate(name) + ".request"
            try await openssl(["req", "-new"] + request + ["-out", file])
            let sign = ["x509", "-req", "-in", file, "-copy_extensions", "copy", "-set_serial", "7"] + signing + out
            do {
                try await openssl(sign + ["-days", "-1"])
            } catch {
                // OpenSSL 3.4 and newer accept no negative number of days, but the start and the end.
                try await openssl(sign + ["-not_before", "20200101000000Z", "-not_after", "20200102000000Z"])
            }
        }
    }

    private func openssl(_ arguments: [String]) async throws {
        let command = try await Command.run(.openssl, arguments)
        guard command.status == 0 else { throw Failure(description: "openssl: \(command.error)") }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}
