/// What came of one attempt to post a body.
package struct HTTPAnswer: Sendable {
    package enum Failure: Sendable, Equatable {
        /// The attempt ended without an answer: of which kind, and what curl says about it.
        case noConnection(Trouble, String)
        /// Nothing came back in time.
        case timedOut
        /// The answer was longer than the cap.
        case answerTooLarge
        /// The settings cannot work, whatever the receiver does: a missing file, or a text that is not a URL.
        case settings(String)
        /// Given up by the caller.
        case cancelled
    }

    /// Why there was no answer.
    package enum Trouble: Sendable, Equatable {
        case unknownHost
        case proxy
        case refused
        case tls
        /// TLS was tried where the peer does not use it.
        case plainText
        /// The peer does not use HTTP/1.1.
        case notHTTP
        /// The peer closed the connection.
        case closed
        case other
    }

    /// The status code; 0 where there was no answer.
    package var status = 0
    package var failure: Failure?
    /// Of the answer, lower-case, without parameters.
    package var contentType = ""
    package var retryAfter: String?
    /// Without what `onChunk` has used.
    package var body: [UInt8] = []
    /// Bytes of the request that had left when the attempt ended. An attempt without an answer of which something had
    /// left may have arrived all the same.
    package var sentBytes: Int64 = 0

    package init(failure: Failure? = nil) {
        self.failure = failure
    }
}
