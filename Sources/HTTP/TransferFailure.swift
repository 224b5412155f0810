import CSpanKitCurl

extension HTTPAnswer.Failure {
    /// What a code of libcurl (`CURLcode`) means for its request; nil for success.
    /// - Parameters:
    ///   - code: The number of the code.
    ///   - text: libcurl's message. It distinguishes causes that have the same code.
    init?(code: UInt32, text: @autoclosure () -> String) {
        guard code != CURLE_OK.rawValue else { return nil }
        let text = text()
        switch CURLcode(rawValue: code) {
        case CURLE_OPERATION_TIMEDOUT: self = .timedOut
        case CURLE_URL_MALFORMAT, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE, CURLE_NOT_BUILT_IN:
            self = .settings(text)
        case let code: self = .noConnection(HTTPAnswer.Trouble(code, text), text)
        }
    }
}

extension HTTPAnswer.Trouble {
    fileprivate init(_ code: CURLcode, _ text: String) {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: self = .unknownHost
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: self = .proxy
        // curl has no code for a proxy that refuses the tunnel.
        case CURLE_COULDNT_CONNECT where text.contains("tunnel"), CURLE_RECV_ERROR where text.contains("tunnel"),
            CURLE_SEND_ERROR where text.contains("tunnel"):
            self = .proxy
        case CURLE_COULDNT_CONNECT: self = .refused
        // curl has no code for this case. Only the text of OpenSSL's error distinguishes it.
        case CURLE_SSL_CONNECT_ERROR where text.contains("wrong version number"): self = .plainText
        // A server that speaks only HTTP/2 refuses the TLS extension in which curl offers HTTP/1.1.
        case CURLE_SSL_CONNECT_ERROR where text.contains("no application protocol"),
            CURLE_RECV_ERROR where text.contains("no application protocol"):
            self = .notHTTP
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_CRL_BADFILE, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT:
            self = .tls
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_HTTP2: self = .notHTTP
        case CURLE_HTTP2_STREAM: self = .streamReset
        // A TLS alert arrives when the first bytes are read. Only the text of the TLS library's error distinguishes it.
        case CURLE_RECV_ERROR where text.contains("alert"): self = .tls
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR: self = .closed
        default: self = .other
        }
    }
}
