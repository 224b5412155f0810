import CCurl
import Foundation
import Synchronization

/// One request under way. Its buffers belong to the thread that runs it; only the cancel flag is shared.
final class Transfer: @unchecked Sendable {
    private let request: HTTPRequest
    private let timeoutMilliseconds: Int
    private let connectTimeoutMilliseconds: Int
    private let maximumResponseBytes: Int
    private let isCancelled = Atomic<Bool>(false)

    private let receiveEvents: ((UnsafeRawBufferPointer) -> Bool)?

    private var body: [UInt8] = []
    private var receivedBytes = 0
    private var status = 0
    /// Whether the receiver of the events wants no more.
    private var isDone = false
    private var headers: [String: String] = [:]
    private var isTooLarge = false

    init(
        request: HTTPRequest,
        timeoutMilliseconds: Int,
        connectTimeoutMilliseconds: Int,
        maximumResponseBytes: Int,
        receiveEvents: (@Sendable (UnsafeRawBufferPointer) -> Bool)? = nil
    ) {
        self.request = request
        self.timeoutMilliseconds = timeoutMilliseconds
        self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
        self.maximumResponseBytes = maximumResponseBytes
        self.receiveEvents = receiveEvents
    }

    /// Ends the transfer at curl's next progress call, within a second at the latest.
    func cancel() {
        isCancelled.store(true, ordering: .relaxed)
    }

    /// Performs the request on the calling thread.
    func run() -> Result<HTTPResponse, HTTPTransportError> {
        guard let handle = curl_easy_init() else { return .failure(.invalidRequest("libcurl gives no handle")) }
        defer { curl_easy_cleanup(handle) }
        var list: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(list) }
        // An empty `Expect` keeps curl from waiting a second for a "100 Continue" before a long body.
        for header in request.headers + [("Expect", "")] {
            let line = header.value.isEmpty ? "\(header.name):" : "\(header.name): \(header.value)"
            list = curl_slist_append(list, line)
        }
        let context = Unmanaged.passUnretained(self).toOpaque()
        let codes = request.body.withUnsafeBytes { bytes -> [CURLcode] in
            let body = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            return options(handle, list, context) + [
                spankit_curl_set_long(handle, CURLOPT_POSTFIELDSIZE, bytes.count),
                // Copied: the pointer is good only here.
                spankit_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, body),
            ]
        }
        if let failed = codes.first(where: { $0 != CURLE_OK }) { return .failure(.invalidRequest(Self.text(failed))) }
        return outcome(curl_easy_perform(handle), handle)
    }

    private func options(
        _ handle: UnsafeMutableRawPointer,
        _ list: UnsafeMutablePointer<curl_slist>?,
        _ context: UnsafeMutableRawPointer
    ) -> [CURLcode] {
        [
            spankit_curl_set_text(handle, CURLOPT_URL, request.url),
            spankit_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"),
            spankit_curl_set_text(handle, CURLOPT_USERAGENT, "okrcoach/1"),
            spankit_curl_set_long(handle, CURLOPT_POST, 1),
            spankit_curl_set_long(handle, CURLOPT_NOSIGNAL, 1),
            spankit_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0),
            spankit_curl_set_long(handle, CURLOPT_TIMEOUT_MS, timeoutMilliseconds),
            spankit_curl_set_long(
                handle,
                CURLOPT_CONNECTTIMEOUT_MS,
                min(connectTimeoutMilliseconds, timeoutMilliseconds)
            ),
            spankit_curl_set_list(handle, CURLOPT_HTTPHEADER, list),
            spankit_curl_set_write(handle, { Transfer.from($3).receive($0, $1 * $2) }, context),
            spankit_curl_set_header(handle, { Transfer.from($3).receiveHeader($0, $1 * $2) }, context),
            spankit_curl_set_progress(
                handle,
                { context, _, _, _, _ in Transfer.from(context).isCancelled.load(ordering: .relaxed) ? 1 : 0 },
                context
            ),
        ]
    }

    private func outcome(_ code: CURLcode, _ handle: UnsafeMutableRawPointer) -> Result<
        HTTPResponse, HTTPTransportError
    > {
        if isCancelled.load(ordering: .relaxed) { return .failure(.cancelled) }
        if isTooLarge { return .failure(.tooLarge(limit: maximumResponseBytes)) }
        switch code {
        case CURLE_OK: break
        case _ where isDone: break
        case CURLE_OPERATION_TIMEDOUT: return .failure(.timeout)
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: return .failure(.invalidRequest(Self.text(code)))
        default: return .failure(.connection(Self.text(code)))
        }
        var status = 0
        guard spankit_curl_response_code(handle, &status) == CURLE_OK, status > 0 else {
            return .failure(.connection("no HTTP status"))
        }
        return .success(HTTPResponse(status: status, headers: headers, body: body))
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer {
        // curl hands back what `run` gave it, and `run` has not returned yet.
        Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
    }

    /// Returning less than was offered makes curl stop.
    private func receive(_ data: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard let data, receivedBytes + count <= maximumResponseBytes else {
            isTooLarge = data != nil
            return 0
        }
        receivedBytes += count
        let bytes = UnsafeRawBufferPointer(start: data, count: count)
        guard let receiveEvents, status == 200, HTTPResponse(status: status, headers: headers, body: []).isEventStream
        else {
            body.append(contentsOf: bytes)
            return count
        }
        isDone = !receiveEvents(bytes)
        return isDone ? 0 : count
    }

    private func receiveHeader(_ data: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard let data else { return count }
        let line = String(decoding: UnsafeRawBufferPointer(start: data, count: count), as: UTF8.self)
        // An interim answer ("100 Continue") has headers of its own; those of the last answer count.
        if line.hasPrefix("HTTP/") {
            headers = [:]
            status = line.split(separator: " ").dropFirst().first.flatMap { Int($0.prefix(3)) } ?? 0
        }
        let parts = line.split(separator: ":", maxSplits: 1)
        if parts.count == 2, headers.count < 200 {
            headers[parts[0].lowercased()] = String(parts[1].trimmingSpaces)
        }
        return count
    }

    private static func text(_ code: CURLcode) -> String {
        String(cString: curl_easy_strerror(code))
    }
}
