import Foundation

/// A running nginx that accepts TLS on 127.0.0.1 and forwards requests to a port without TLS.
public final class NginxFront: Sendable {
    /// Its behavior.
    public struct Options: Sendable {
        /// The certificate of the server.
        public var certificate = Certificates.Name.server
        /// Whether clients need a certificate signed by the authority. Others get 400.
        public var requiresClientCertificate = false
        /// Answers every request with 301 and this URL instead of forwarding it.
        public var redirect: String?
        /// `user:password` for Basic authentication; others get 401.
        public var credentials: String?
        /// Speaks HTTP/2 and forwards gRPC. The number is that of the requests on one connection; after it, the front announces the
        /// end of the connection (GOAWAY).
        public var grpcRequests: Int?

        /// A front that forwards all requests.
        public init() {}
    }

    /// The URL without a path: `https://127.0.0.1:PORT`.
    public var url: String { "https://127.0.0.1:\(port)" }
    /// Where it listens.
    public let port: UInt16
    /// For each request that has ended, the number of its connection. A connection without requests is not among them.
    public var connections: [Int] {
        let log = (try? String(contentsOfFile: service.folder + "/connections", encoding: .utf8)) ?? ""
        return log.split(separator: "\n").compactMap { Int($0) }
    }
    /// What it shows, and what clients may show.
    public let certificates: Certificates

    private let service: Service
    private let ports: [RefusedPort]

    /// Starts nginx.
    /// - Parameters:
    ///   - upstream: the port to forward requests to. Without a listener there, the answer is 502.
    ///   - certificates: the certificates; new ones by default.
    public init(
        to upstream: UInt16,
        _ options: Options = Options(),
        certificates: Certificates? = nil
    ) async throws {
        let program = try Equipment.nginx.require()
        if let certificates { self.certificates = certificates } else { self.certificates = try await Certificates() }
        service = Service("nginx")
        ports = try Service.freePorts(1)
        port = ports[0].port
        let folder = service.folder
        if let credentials = options.credentials {
            try credentials.replacing(":", with: ":{PLAIN}", maxReplacements: 1)
                .write(toFile: folder + "/users", atomically: true, encoding: .utf8)
        }
        try Self.configuration(folder, port, upstream, options, self.certificates)
            .write(toFile: folder + "/nginx.conf", atomically: true, encoding: .utf8)
        let port = port
        try await service.start(program, ["-p", folder, "-c", folder + "/nginx.conf", "-e", folder + "/error"]) {
            guard let socket = try? LoopbackSocket(connectingTo: port, limit: .seconds(20)) else { return false }
            socket.close()
            return true
        }
    }

    /// Ends it.
    public func stop() {
        service.stop()
    }

    private static func configuration(
        _ folder: String,
        _ port: UInt16,
        _ upstream: UInt16,
        _ options: Options,
        _ certificates: Certificates
    ) -> String {
        let trusted = certificates.certificate(.authority)
        let clients =
            options.requiresClientCertificate ? "ssl_client_certificate \(trusted); ssl_verify_client on;" : ""
        let users = options.credentials == nil ? "" : "auth_basic test; auth_basic_user_file \(folder)/users;"
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(folder)/\($0);" }.joined(separator: "\n    ")
        let pass = """
            proxy_pass http://127.0.0.1:\(upstream);
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
                        proxy_set_header X-Client-Subject $ssl_client_s_dn;
                        proxy_read_timeout 60s;
            """
        let passGRPC = "grpc_pass grpc://127.0.0.1:\(upstream);"
        let speech = options.grpcRequests.map { " http2; keepalive_requests \($0)" } ?? ""
        // With a single process, TERM ends it immediately, and no worker changes its user.
        return """
            daemon off;
            master_process off;
            pid \(folder)/pid;
            events { worker_connections 64; }
            http {
                log_format connection $connection;
                access_log \(folder)/connections connection;
                \(temporary)
                client_max_body_size 0;
                server {
                    listen 127.0.0.1:\(port) ssl\(speech);
                    ssl_certificate \(certificates.certificate(options.certificate));
                    ssl_certificate_key \(certificates.key(options.certificate));
                    \(clients)
                    location / {
                        \(users)
                        \(options.redirect.map { "return 301 \($0);" } ?? (options.grpcRequests == nil ? pass : passGRPC))
                    }
                }
            }
            """
    }
}
