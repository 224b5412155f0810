import CSpanKitCurl

/// A request to post a body.
package struct HTTPRequest: Sendable {
    package var url: String
    package var headers: HTTPHeaders
    package var body: [UInt8]
    package var userAgent = ""
    /// For the whole request; nil for no limit.
    package var timeout: Duration?
    /// For connecting, within ``timeout``.
    package var connectTimeout = Duration.seconds(10)
    /// A longer answer ends the transfer.
    package var maximumResponseBytes = 16 * 1_024 * 1_024
    /// Whether the answer may come compressed by gzip, which libcurl undoes.
    package var acceptsGzip = true
    package var tls = TLS()

    /// PEM files; nil for the system's authorities, and for no certificate of the client.
    package struct TLS: Sendable {
        package var certificateFile: String?
        package var clientCertificateFile: String?
        package var clientKeyFile: String?
    }

    package init(url: String, headers: HTTPHeaders, body: [UInt8]) {
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// Header fields as libcurl takes them: made once, for any number of requests. They may hold secrets and are never printed.
package final class HTTPHeaders: @unchecked Sendable {
    /// Immutable: libcurl reads it only.
    let list: UnsafeMutablePointer<curl_slist>?

    package init(_ fields: [(name: String, value: String)]) {
        // Without the empty `Expect` curl waits a second for "100 Continue" before a long body.
        list = curl_slist_append(
            fields.reduce(nil) { list, field in
                // With a semicolon curl sends a field without value; with a colon it would leave the field out.
                curl_slist_append(list, field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
            },
            "Expect:"
        )
    }

    deinit { curl_slist_free_all(list) }
}
