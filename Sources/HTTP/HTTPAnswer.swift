import SpanKitPlatform

/// The result of one attempt to post a body: a response, or the reason why no response came.
package struct HTTPAnswer: Sendable {
    package enum Failure: Sendable, Equatable {
        /// There was no response. The associated values are the reason and curl's message.
        case noConnection(Trouble, String)
        /// There was no response in time.
        case timedOut
        /// The response was longer than the limit.
        case answerTooLarge
        /// The request's settings are wrong, such as a missing file or an invalid URL.
        case settings(String)
        /// The caller cancelled the request.
        case cancelled
    }

    /// Why there was no response.
    package enum Trouble: Sendable, Equatable {
        case unknownHost
        case proxy
        case refused
        case tls
        /// The request uses TLS, but the peer does not.
        case plainText
        /// The peer does not speak HTTP/1.1.
        case notHTTP
        /// The peer closed the connection.
        case closed
        /// The peer ended this request's stream on an HTTP/2 connection.
        case streamReset
        case other
    }

    /// The status code; 0 if there was no response.
    package var status = 0
    /// What went wrong; nil for a complete response of any status.
    package var failure: Failure?
    /// The response's content type in lower case, without parameters.
    package var contentType = ""
    /// The value of the `Retry-After` header; nil if the header is missing.
    package var retryAfter: String?
    /// The response's body, without the pieces that `onChunk` used.
    package var body: [UInt8] = []
    /// The number of bytes of the request's body that were sent.
    ///
    /// If it is not 0, the request may have arrived even if there was no response.
    package var sentBytes: Int64 = 0
    /// The size of the request's body.
    package var requestBytes = 0
    /// The fields of the response's head and trailers whose names begin with `grpc-`, by name in lower case. Only HTTP/2 has them, and
    /// they can arrive before a failure.
    package var grpcFields: [String: String] = [:]

    package init(failure: Failure? = nil) {
        self.failure = failure
    }

    /// Whether the peer could not be reached: there was no response, and nothing of the request's body could be sent.
    package var isUnreachable: Bool {
        guard status == 0, sentBytes == 0 else { return false }
        switch failure {
        // Other streams of the connection may go on.
        case .noConnection(.streamReset, _): return false
        case .noConnection, .timedOut: return true
        case .answerTooLarge, .settings, .cancelled, nil: return false
        }
    }
}

/// The `Retry-After` header (RFC 9110 §10.2.3): a number of seconds, which some servers send with a fraction, or an HTTP date.
package enum RetryAfter {
    /// The time to wait, at most a year; zero for a date in the past, and nil for an invalid value.
    /// - Parameter unixSeconds: the current time.
    package static func parse(_ text: String, unixSeconds: Int64) -> Duration? {
        let text = text.trimmingWhitespace()
        if let first = text.utf8.first, (0x30...0x39).contains(first),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }), let seconds = Double(text)
        {
            return .seconds(min(seconds, 31_536_000))
        }
        guard let date = CivilTime(httpDate: text) else { return nil }
        return .seconds(min(max(0, date.unixSeconds - unixSeconds), 31_536_000))
    }
}
