import CSpanKitCurl

/// A request that posts a body, or gets a resource.
package struct HTTPRequest: Sendable {
    package var url: String
    package var method = Method.post
    /// The Unix domain socket to connect to instead of the URL's host; `@` begins the name of an abstract socket. Nil
    /// connects to the host.
    package var socketPath: String?
    package var headers: HTTPHeaders
    package var body: [UInt8]
    package var userAgent = ""
    /// The time limit for the whole request; nil for no limit.
    package var timeout: Duration?
    /// The time limit for connecting, which is part of ``timeout``.
    package var connectTimeout = Duration.seconds(10)
    /// The maximum size of a response in bytes. A larger one ends the transfer with an error.
    package var maximumResponseBytes = 16 * 1_024 * 1_024
    /// Whether the response may be compressed with gzip, which libcurl decompresses.
    package var acceptsGzip = true
    package var tls = TLS()
    /// The maximum age of a connection that is used again, in seconds; nil for no limit.
    package var maximumConnectionAge: Int?
    package var version = Version.http1

    package enum Method: Sendable {
        case post
        /// Without a body.
        case get
    }

    /// The version of HTTP. Without TLS, there is no fallback to another version.
    package enum Version: Sendable {
        case http1
        /// Without TLS, the peer has to know that it gets HTTP/2.
        case http2
    }

    /// The PEM files for TLS. Nil means the system's certificate authorities, and no client certificate.
    package struct TLS: Sendable, Equatable {
        package var certificateFile: String?
        package var clientCertificateFile: String?
        package var clientKeyFile: String?
    }

    /// Whether a connection handle that was set up for the other request can send this one if only the body and the
    /// time limits are changed.
    func hasSameSettings(as other: HTTPRequest) -> Bool {
        headers === other.headers && url == other.url && socketPath == other.socketPath && userAgent == other.userAgent
            && acceptsGzip == other.acceptsGzip && tls == other.tls && version == other.version
            && method == other.method
    }

    package init(url: String, headers: HTTPHeaders, body: [UInt8]) {
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// Header fields in libcurl's form, made once for any number of requests. They can contain secrets and are never printed.
package final class HTTPHeaders: @unchecked Sendable {
    /// Never changed: libcurl only reads it.
    let list: UnsafeMutablePointer<curl_slist>?

    /// - Parameter removed: fields that curl would add by itself.
    package init(_ fields: [(name: String, value: String)], without removed: [String] = []) {
        let own = fields.reduce(nil) { list, field in
            // A semicolon makes curl send a field without a value. With a colon it would leave the field out.
            curl_slist_append(list, field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        // Without an empty `Expect` header, curl waits a second for "100 Continue" before it sends a long body.
        list = (removed + ["Expect"]).reduce(own) { curl_slist_append($0, "\($1):") }
    }

    deinit { curl_slist_free_all(list) }
}
