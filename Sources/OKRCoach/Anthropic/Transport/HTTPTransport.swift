import CCurl
import Foundation

/// Sends requests with libcurl, each on a thread of its own: nothing blocks on Swift's pool.
///
/// TLS is verified, redirects are not followed (a key would follow them), only http and https are spoken, and an answer
/// longer than the cap ends the transfer. Proxies are found as curl finds them.
struct HTTPTransport: Sendable {
    /// The longest answer that is taken.
    var maximumResponseBytes = 16 * 1_024 * 1_024
    /// How long connecting may take.
    var connectTimeout = Duration.seconds(10)

    /// Sends a request and waits for the answer, at most `timeout`. Cancelling the task ends the transfer.
    /// - Parameter receive: gets a stream of events piece by piece, on the transfer's thread, in place of the response's body;
    ///   false ends the transfer, which has succeeded then. Any other body is in the response.
    func send(
        _ request: HTTPRequest,
        timeout: Duration,
        receive: (@Sendable (UnsafeRawBufferPointer) -> Bool)? = nil
    ) async throws(HTTPTransportError) -> HTTPResponse {
        guard Self.isInitialized else { throw .invalidRequest("libcurl cannot be initialised") }
        let transfer = Transfer(
            request: request,
            timeoutMilliseconds: max(1, Self.milliseconds(timeout)),
            connectTimeoutMilliseconds: max(1, Self.milliseconds(connectTimeout)),
            maximumResponseBytes: maximumResponseBytes,
            receiveEvents: receive
        )
        let result: Result<HTTPResponse, HTTPTransportError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let thread = Thread { continuation.resume(returning: transfer.run()) }
                thread.name = "okrcoach-http"
                thread.start()
            }
        } onCancel: {
            transfer.cancel()
        }
        return try result.get()
    }

    /// Once per process, before the first thread uses it.
    private static let isInitialized = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    private static func milliseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        return Int(clamping: min(seconds, 86_400) * 1_000 + attoseconds / 1_000_000_000_000_000)
    }
}
