import CSpanKitCurl
import SpanKitPercentiles
import SpanKitPlatform

/// Sends requests with libcurl. One thread can run several requests at a time, and connections are reused.
///
/// Only the thread that calls ``poll(for:)`` may use it; other threads may only call ``wake()``. TLS certificates are
/// verified. Redirects are not followed, because they would send headers with secret keys to another server. Only http
/// and https are allowed. Proxies are configured with curl's environment variables. libcurl is not instrumented, so
/// requests of an exporter never become spans.
package final class HTTPClient: @unchecked Sendable {
    private let multi: UnsafeMutableRawPointer
    private var transfers: [UnsafeMutableRawPointer: HTTPTransfer] = [:]
    private var idle: [HTTPTransfer] = []

    /// Creates a client; nil if libcurl cannot be initialized.
    /// - Parameter connections: the largest number of connections.
    package init?(connections: Int) {
        guard Self.isInitialized, let multi = curl_multi_init() else { return nil }
        self.multi = multi
        allow(connections: connections)
    }

    /// Sets the largest number of connections.
    package func allow(connections: Int) {
        spankit_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, max(1, connections))
        spankit_curl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, max(1, connections))
    }

    deinit {
        cancelAll()
        // The idle handles refer to connections of `multi`, so they are freed first.
        idle.removeAll()
        curl_multi_cleanup(multi)
    }

    /// Initializes libcurl once for the process.
    private static let isInitialized = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    /// The version of the system's libcurl, such as `7.88.1`.
    package static var libraryVersion: String {
        spankit_curl_version().flatMap { $0.pointee.version.map { String(cString: $0) } } ?? "unknown"
    }

    /// Whether libcurl was built with HTTP/2.
    package static let hasHTTP2: Bool = {
        guard isInitialized, let info = spankit_curl_version() else { return false }
        return info.pointee.features & CURL_VERSION_HTTP2 != 0
    }()

    /// Whether a connection with HTTP/2 and without TLS can be used again.
    static let keepsClearHTTP2 = spankit_curl_version().map { keepsClearHTTP2(version: $0.pointee.version_num) } ?? true

    /// In 7.88.0 and 7.88.1, each further request on such a connection fails (curl issue 10634).
    package static func keepsClearHTTP2(version: UInt32) -> Bool { !(0x07_58_00...0x07_58_01).contains(version) }

    /// Starts a request.
    /// - Parameters:
    ///   - request: the request.
    ///   - token: a number that ``poll(for:)`` returns with the answer.
    ///   - onChunk: called by ``poll(for:)`` with each piece of the response's body.
    /// - Returns: nil if the request is in flight; otherwise why it could not be started.
    package func start(_ request: HTTPRequest, token: Int, onChunk: HTTPChunkHandler? = nil) -> HTTPAnswer? {
        guard let transfer = idle.popLast() ?? curl_easy_init().map({ HTTPTransfer(request, $0) }) else {
            return HTTPAnswer(failure: .noConnection(.other, "libcurl could not allocate memory for another request"))
        }
        let code = transfer.prepare(request, token: token, onChunk)
        guard code == CURLE_OK, curl_multi_add_handle(multi, transfer.handle) == CURLM_OK else {
            return HTTPAnswer(failure: .settings(String(cString: curl_easy_strerror(code))))
        }
        transfers[transfer.handle] = transfer
        return nil
    }

    /// Continues all requests, and waits at most `duration` for one of them to end.
    /// - Returns: the answers of the requests that ended.
    package func poll(for duration: Duration) -> [(token: Int, answer: HTTPAnswer)] {
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        for transfer in transfers.values { transfer.hasBegun = true }
        var answers = collect()
        guard answers.isEmpty, duration > .zero else { return answers }
        curl_multi_poll(multi, nil, 0, Int32(clamping: duration.wholeMilliseconds), nil)
        curl_multi_perform(multi, &running)
        answers = collect()
        return answers
    }

    /// Ends the current or the next wait of ``poll(for:)``.
    package func wake() {
        curl_multi_wakeup(multi)
    }

    /// Cancels the requests in flight whose token is one of `tokens`; by default all.
    /// - Returns: the tokens of the requests that were partly or completely sent.
    @discardableResult
    package func cancelAll(_ tokens: Range<Int> = Int.min..<Int.max) -> Set<Int> {
        var sent: Set<Int> = []
        for (handle, transfer) in transfers where tokens.contains(transfer.token) {
            if transfer.sentBytes > 0 { sent.insert(transfer.token) }
            curl_multi_remove_handle(multi, handle)
            transfers[handle] = nil
        }
        return sent
    }

    private func collect() -> [(token: Int, answer: HTTPAnswer)] {
        var answers: [(token: Int, answer: HTTPAnswer)] = []
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle,
                let transfer = transfers.removeValue(forKey: handle)
            else { continue }
            // The message is invalid once its handle is removed.
            let code = message.pointee.data.result
            answers.append((transfer.token, transfer.answer(code)))
            curl_multi_remove_handle(multi, handle)
            transfer.rest(after: code)
            idle.append(transfer)
        }
        return answers
    }

    /// Sends one request on a new thread, so that it does not block Swift's thread pool. Cancelling the task cancels the request.
    /// - Parameters:
    ///   - request: the request.
    ///   - onChunk: called on that thread with each piece of the response's body.
    package static func send(_ request: HTTPRequest, onChunk: HTTPChunkHandler? = nil) async -> HTTPAnswer {
        guard let client = HTTPClient(connections: 1) else {
            return HTTPAnswer(failure: .settings("libcurl cannot be initialized"))
        }
        let isCancelled = Locked(false)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let thread = Thread("spankit-request") {
                    var answer = client.start(request, token: 0, onChunk: onChunk)
                    while answer == nil, !isCancelled.withLock({ $0 }) {
                        answer = client.poll(for: .seconds(60)).first?.answer
                    }
                    client.cancelAll()
                    continuation.resume(returning: answer ?? HTTPAnswer(failure: .cancelled))
                }
                if thread == nil {
                    continuation.resume(
                        returning: HTTPAnswer(failure: .noConnection(.other, "a thread could not be created"))
                    )
                }
            }
        } onCancel: {
            isCancelled.withLock { $0 = true }
            client.wake()
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded up.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        guard seconds < Int64.max / 2_000 else { return Int64.max }
        return seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
