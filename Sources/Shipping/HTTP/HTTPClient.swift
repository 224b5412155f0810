import CCurl
import OTLP

/// Posts bodies with libcurl: several at a time on one thread, over connections that are kept.
///
/// Belongs to the thread that calls ``poll(for:)``; only ``wake()`` may be called from others. TLS is verified, redirects are
/// not followed (headers with keys would follow them), proxies are found as curl finds them. libcurl is not instrumented, so the
/// exporter's own requests never become spans.
final class HTTPClient: @unchecked Sendable {
    private let exporter: OTLPExporter
    private let multi: UnsafeMutableRawPointer
    private let headers: HTTPHeaderLists
    private var transfers: [UnsafeMutableRawPointer: HTTPTransfer] = [:]
    private var idle: [UnsafeMutableRawPointer] = []

    /// Nil when libcurl cannot be initialised.
    init?(_ exporter: OTLPExporter) {
        guard Self.isInitialized, let multi = curl_multi_init() else { return nil }
        self.exporter = exporter
        self.multi = multi
        headers = HTTPHeaderLists(exporter)
        spankit_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, max(1, exporter.parallelRequests))
        spankit_curl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, max(1, exporter.parallelRequests))
    }

    deinit {
        cancelAll()
        for handle in idle { curl_easy_cleanup(handle) }
        curl_multi_cleanup(multi)
    }

    /// Once per process, before the first thread uses it.
    private static let isInitialized = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    /// Requests under way.
    var count: Int { transfers.count }

    /// Starts to post a body.
    /// - Parameters:
    ///   - token: comes back with the answer.
    ///   - timeout: for this attempt; nil for no limit.
    /// - Returns: what is wrong with the settings, nil when the request is under way.
    func post(_ body: Body, token: Int, timeout: Duration?) -> HTTPAnswer? {
        guard let handle = idle.popLast() ?? curl_easy_init() else {
            return HTTPAnswer(failure: .noConnection("libcurl finds no memory"))
        }
        let transfer = HTTPTransfer(body: body, token: token, maximumResponseBytes: exporter.maximumResponseBytes)
        let code = transfer.configure(handle, exporter, headers.list(for: body), timeout: timeout)
        guard code == CURLE_OK, curl_multi_add_handle(multi, handle) == CURLM_OK else {
            curl_easy_cleanup(handle)
            return HTTPAnswer(failure: .settings(String(cString: curl_easy_strerror(code))))
        }
        transfers[handle] = transfer
        return nil
    }

    /// Moves all requests on, waiting at most `duration` for something to happen.
    /// - Returns: the answers that have come.
    func poll(for duration: Duration) -> [(token: Int, answer: HTTPAnswer)] {
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        var answers = collect()
        guard answers.isEmpty, duration > .zero else { return answers }
        curl_multi_poll(multi, nil, 0, Int32(clamping: duration.wholeMilliseconds), nil)
        curl_multi_perform(multi, &running)
        answers = collect()
        return answers
    }

    /// Ends the wait of ``poll(for:)``, now or the next time.
    func wake() {
        curl_multi_wakeup(multi)
    }

    /// Gives up everything under way.
    /// - Returns: the tokens of the requests of which something had been sent.
    @discardableResult
    func cancelAll() -> Set<Int> {
        var sent: Set<Int> = []
        for (handle, transfer) in transfers {
            if HTTPTransfer.sentBytes(handle) > 0 { sent.insert(transfer.token) }
            curl_multi_remove_handle(multi, handle)
            curl_easy_cleanup(handle)
        }
        transfers.removeAll()
        return sent
    }

    private func collect() -> [(token: Int, answer: HTTPAnswer)] {
        var answers: [(token: Int, answer: HTTPAnswer)] = []
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle,
                let transfer = transfers.removeValue(forKey: handle)
            else { continue }
            let code = message.pointee.data.result
            answers.append((transfer.token, transfer.answer(code, handle)))
            curl_multi_remove_handle(multi, handle)
            curl_easy_reset(handle)
            idle.append(handle)
        }
        return answers
    }
}

extension Duration {
    /// Milliseconds, rounded up.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        guard seconds < Int64.max / 2_000 else { return Int64.max }
        return seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
