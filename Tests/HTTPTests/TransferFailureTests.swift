import Testing

@testable import SpanKitHTTP

/// How requests fail in libcurl, with HTTP/1.1 and HTTP/2. The texts are those of libcurl and OpenSSL.
@Suite("Failures of libcurl")
struct TransferFailureTests {
    @Test("success is no failure")
    func success() {
        #expect(HTTPAnswer.Failure(code: 0, text: "") == nil)
    }

    @Test(
        "each code has its meaning",
        arguments: [
            (1, "received HTTP/0.9 when not allowed", .notHTTP),
            (5, "could not resolve proxy: proxy.test", .proxy),
            (6, "could not resolve host: collector.test", .unknownHost),
            (7, "failed to connect to 127.0.0.1 port 4317: connection refused", .refused),
            (7, "proxy CONNECT aborted, tunnel failed", .proxy),
            (8, "invalid HTTP version", .notHTTP),
            (16, "error in the HTTP2 framing layer", .notHTTP),
            (18, "transfer closed with outstanding read data remaining", .other),
            (35, "OpenSSL/3.0.17: error:0A00010B:SSL routines::wrong version number", .plainText),
            (35, "OpenSSL/3.0.17: error:0A000460:SSL routines::reason(1120) no application protocol", .notHTTP),
            (35, "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to localhost", .tls),
            (52, "empty reply from server", .closed),
            (55, "send failure: broken pipe", .closed),
            (55, "send failure in tunnel", .proxy),
            (56, "recv failure: connection reset by peer", .closed),
            (56, "CONNECT tunnel failed, response 502", .proxy),
            (56, "OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate required", .tls),
            (60, "SSL certificate problem: unable to get local issuer certificate", .tls),
            (92, "HTTP/2 stream 1 was not closed cleanly: INTERNAL_ERROR (err 2)", .streamReset),
            (97, "proxy handshake error", .proxy),
        ] as [(UInt32, String, HTTPAnswer.Trouble)]
    )
    func noConnection(code: UInt32, text: String, trouble: HTTPAnswer.Trouble) {
        #expect(HTTPAnswer.Failure(code: code, text: text) == .noConnection(trouble, text))
    }

    @Test("a timeout is its own failure")
    func timeout() {
        #expect(HTTPAnswer.Failure(code: 28, text: "operation timed out") == .timedOut)
    }

    @Test(
        "a wrong URL or file is a matter of the settings",
        arguments: [
            (3, "URL using bad/illegal format"), (4, "a requested feature was not found built-in"),
            (58, "could not load PEM client certificate"), (77, "error setting certificate verify locations"),
        ] as [(UInt32, String)]
    )
    func settings(code: UInt32, text: String) {
        #expect(HTTPAnswer.Failure(code: code, text: text) == .settings(text))
    }

    @Test(
        "only a request of which nothing was sent shows that the peer is unreachable",
        arguments: [(7, 0, true), (28, 0, true), (7, 1, false), (55, 100, false), (92, 0, false), (58, 0, false)]
            as [(UInt32, Int64, Bool)]
    )
    func unreachable(code: UInt32, sentBytes: Int64, isUnreachable: Bool) {
        var answer = HTTPAnswer(failure: HTTPAnswer.Failure(code: code, text: ""))
        answer.sentBytes = sentBytes
        #expect(answer.isUnreachable == isUnreachable)
    }
}
