/// What came of one attempt to post a body.
package struct HTTPAnswer: Sendable {
    package enum Failure: Sendable, Equatable {
        /// Refused, unknown host, TLS handshake, reset: what curl says about it.
        case noConnection(String)
        /// Nothing came back in time.
        case timedOut
        /// The answer was longer than the cap.
        case answerTooLarge
        /// The settings cannot work, whatever the receiver does: a file that is missing, a URL that is none.
        case settings(String)
        /// Given up by the caller.
        case cancelled
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
