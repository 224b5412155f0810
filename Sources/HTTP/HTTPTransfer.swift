import CSpanKitCurl
import SpanKitPlatform

/// Called with each piece of a response's body, and the status and the headers that came before it.
package typealias HTTPChunkHandler = @Sendable (_ head: HTTPAnswer, _ bytes: UnsafeRawBufferPointer) -> HTTPChunkUse

/// What to do with a piece of a response's body.
package enum HTTPChunkUse: Sendable {
    /// Append it to ``HTTPAnswer/body``.
    case keep
    /// Discard it, because it was used.
    case used
    /// Discard it, and end the transfer successfully.
    case last
}

/// A request in flight, with the handle of libcurl that the next request with the same settings uses again. Only the client's thread
/// may use it.
final class HTTPTransfer {
    private(set) var token = 0
    private var request: HTTPRequest
    private var onChunk: HTTPChunkHandler?
    let handle: UnsafeMutableRawPointer
    private var isConfigured = false
    private var answer = HTTPAnswer()
    private var receivedBytes = 0
    private var isTooLarge = false
    private var isDone = false
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    /// - Parameter handle: the transfer frees it.
    init(_ request: HTTPRequest, _ handle: UnsafeMutableRawPointer) {
        self.request = request
        self.handle = handle
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(handle)
        errorText.deallocate()
    }

    /// Whether curl has begun with the request. Until then, the handle still has the numbers of the previous request.
    var hasBegun = false

    /// Prepares a request.
    func prepare(_ request: HTTPRequest, token: Int, _ onChunk: HTTPChunkHandler?) -> CURLcode {
        let isSame = isConfigured && request.hasSameSettings(as: self.request)
        if isConfigured, !isSame { curl_easy_reset(handle) }
        self.request = request
        self.token = token
        self.onChunk = onChunk
        answer = HTTPAnswer()
        hasBegun = false
        (receivedBytes, isTooLarge, isDone) = (0, false, false)
        errorText.pointee = 0
        let codes = (isSame ? [] : settings()) + bodyAndTimes()
        let code = codes.first { $0 != CURLE_OK } ?? CURLE_OK
        isConfigured = code == CURLE_OK
        return code
    }

    /// Frees the body and the answer. The handle keeps the connection and the settings, unless the request failed.
    func rest(after code: CURLcode) {
        request.body = []
        answer = HTTPAnswer()
        onChunk = nil
        if code != CURLE_OK {
            curl_easy_reset(handle)
            isConfigured = false
        }
    }

    /// Sets everything that requests to the same receiver have in common. The handle keeps pointers to this object.
    private func settings() -> [CURLcode] {
        let context = Unmanaged.passUnretained(self).toOpaque()
        let codes = [
            spankit_curl_set_text(handle, CURLOPT_URL, request.url),
            spankit_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"),
            spankit_curl_set_text(handle, CURLOPT_USERAGENT, request.userAgent),
            // All receivers can send gzip, and every libcurl with zlib can decode it. Other encodings depend on how curl was built.
            spankit_curl_set_text(handle, CURLOPT_ACCEPT_ENCODING, request.acceptsGzip ? "gzip" : nil),
            spankit_curl_set_long(handle, request.method == .post ? CURLOPT_POST : CURLOPT_HTTPGET, 1),
            spankit_curl_set_list(handle, CURLOPT_HTTPHEADER, request.headers.list),
            spankit_curl_set_long(handle, CURLOPT_NOSIGNAL, 1),
            spankit_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0),
            spankit_curl_set_long(handle, CURLOPT_TCP_NODELAY, 1),
            spankit_curl_set_long(handle, CURLOPT_TCP_KEEPALIVE, 1),
            spankit_curl_set_write(handle, { HTTPTransfer.of($3).receive($0, $1 * $2) }, context),
            spankit_curl_set_header(handle, { HTTPTransfer.of($3).receiveHeader($0, $1 * $2) }, context),
            spankit_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText),
        ]
        var socket: [CURLcode] = []
        if let path = request.socketPath {
            let isAbstract = path.hasPrefix("@")
            let option = isAbstract ? CURLOPT_ABSTRACT_UNIX_SOCKET : CURLOPT_UNIX_SOCKET_PATH
            socket = [
                spankit_curl_set_text(handle, option, String(isAbstract ? path.dropFirst() : path[...])),
                spankit_curl_set_text(handle, CURLOPT_NOPROXY, "*"),
            ]
        }
        let files = [
            (CURLOPT_CAINFO, request.tls.certificateFile), (CURLOPT_SSLCERT, request.tls.clientCertificateFile),
            (CURLOPT_SSLKEY, request.tls.clientKeyFile),
        ]
        if request.tls.certificateFile != nil {
            // CURLOPT_CA_CACHE_TIMEOUT, which keeps the file's content for 24 h by default. libcurl before 7.87 has no such cache and does
            // not know the option.
            _ = spankit_curl_set_long(handle, CURLoption(rawValue: 321), 0)
        }
        return codes + version() + socket
            + files.compactMap { option, file in file.map { spankit_curl_set_text(handle, option, $0) } }
    }

    private func version() -> [CURLcode] {
        guard request.version == .http2 else {
            return [spankit_curl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))]
        }
        let usesTLS = request.url.hasPrefix("https:")
        let version = usesTLS ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE
        let codes = [spankit_curl_set_long(handle, CURLOPT_HTTP_VERSION, Int(version))]
        guard !usesTLS else { return codes + [spankit_curl_set_long(handle, CURLOPT_PIPEWAIT, 1)] }
        // curl would talk HTTP/1.1 to a proxy that is not a tunnel.
        let clear = codes + [spankit_curl_set_long(handle, CURLOPT_HTTPPROXYTUNNEL, 1)]
        guard HTTPClient.keepsClearHTTP2 else {
            return clear + [
                spankit_curl_set_long(handle, CURLOPT_FRESH_CONNECT, 1),
                spankit_curl_set_long(handle, CURLOPT_FORBID_REUSE, 1),
            ]
        }
        return clear + [spankit_curl_set_long(handle, CURLOPT_PIPEWAIT, 1)]
    }

    private func bodyAndTimes() -> [CURLcode] {
        let milliseconds = request.timeout.map { max(1, Int(clamping: $0.wholeMilliseconds)) } ?? 0
        let connecting = max(1, Int(clamping: request.connectTimeout.wholeMilliseconds))
        let connectingAtMost = milliseconds == 0 ? connecting : min(connecting, milliseconds)
        let times = [
            spankit_curl_set_long(handle, CURLOPT_MAXLIFETIME_CONN, request.maximumConnectionAge ?? 0),
            spankit_curl_set_long(handle, CURLOPT_TIMEOUT_MS, milliseconds),
            spankit_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, connectingAtMost),
        ]
        // A pointer to a body would turn the request into a POST.
        guard request.method == .post else { return times }
        return request.body.withUnsafeBytes { bytes in
            // This object keeps the body until the request has left its connection, and each request sets the pointer again.
            let pointer = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            return times + [
                spankit_curl_set_large(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count)),
                spankit_curl_set_pointer(handle, CURLOPT_POSTFIELDS, pointer),
            ]
        }
    }

    /// The result of the request.
    func answer(_ code: CURLcode) -> HTTPAnswer {
        answer.status = code == CURLE_OK || isDone ? status : 0
        answer.sentBytes = sentBytes
        answer.requestBytes = request.body.count
        answer.failure = isTooLarge ? .answerTooLarge : isDone ? nil : .init(code: code.rawValue, text: text(code))
        return answer
    }

    private var status: Int {
        var status = 0
        spankit_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        return status
    }

    /// The number of bytes of the request's body that were sent so far.
    var sentBytes: Int64 {
        guard hasBegun else { return 0 }
        var sent: curl_off_t = 0
        spankit_curl_get_large(handle, CURLINFO_SIZE_UPLOAD_T, &sent)
        return Int64(sent)
    }

    private func text(_ code: CURLcode) -> String {
        // curl's text names a port, which a socket does not have.
        if code == CURLE_COULDNT_CONNECT, request.socketPath != nil {
            var number = 0
            spankit_curl_get_long(handle, CURLINFO_OS_ERRNO, &number)
            return FileSystem.describe(Int32(clamping: number))
        }
        let detail = String(cString: errorText)
        let text = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
        return text.withLowerCaseStart
    }

    // MARK: Callbacks

    private static func of(_ context: UnsafeMutableRawPointer?) -> HTTPTransfer {
        guard let context else { preconditionFailure("set together with the callback") }
        return Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
    }

    private func receive(_ data: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard receivedBytes + count <= request.maximumResponseBytes else {
            isTooLarge = true
            return 0
        }
        receivedBytes += count
        let bytes = UnsafeRawBufferPointer(start: data, count: count)
        if let onChunk {
            if answer.status == 0 { answer.status = status }
            switch onChunk(answer, bytes) {
            case .keep: break
            case .used: return count
            case .last:
                // Accepting fewer bytes than were offered makes curl stop.
                isDone = true
                return 0
            }
        }
        answer.body.append(contentsOf: bytes)
        return count
    }

    private func receiveHeader(_ data: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        let line = UnsafeRawBufferPointer(start: data, count: count)
        // An interim response ("100 Continue") has its own headers. Only those of the last response count.
        if line.starts(with: "HTTP/".utf8) { answer = HTTPAnswer() }
        if let value = Self.value(of: "retry-after", in: line) { answer.retryAfter = value }
        if let value = Self.value(of: "content-type", in: line) {
            answer.contentType = value.prefix { $0 != ";" }.trimmingWhitespace().lowercased()
        }
        if request.version == .http2 { keepGRPC(line) }
        return count
    }

    /// Keeps a field whose name begins with `grpc-`.
    private func keepGRPC(_ line: UnsafeRawBufferPointer) {
        let name = line.prefix { $0 != UInt8(ascii: ":") }
        guard name.count > 5, name.count < line.count, line.count <= 65_536,
            zip(name, "grpc-".utf8).allSatisfy({ $0 | 0x20 == $1 | 0x20 }), answer.grpcFields.count < 16
        else { return }
        let value = String(decoding: line[(name.endIndex + 1)...], as: UTF8.self)
        answer.grpcFields[String(decoding: name, as: UTF8.self).lowercased()] = String(value.trimmingWhitespace())
    }

    /// The value of a header field; nil if the line is another field. Most lines are, so no `String` is made for them.
    private static func value(of name: StaticString, in line: UnsafeRawBufferPointer) -> String? {
        let length = name.utf8CodeUnitCount
        guard line.count > length, line[length] == UInt8(ascii: ":") else { return nil }
        // Setting the bit 0x20 makes letters lower case. Names of fields have only letters and hyphens, and hyphens
        // have this bit already.
        for index in 0..<length where line[index] | 0x20 != name.utf8Start[index] { return nil }
        let value = String(decoding: line[(length + 1)...], as: UTF8.self)
        return String(value.trimmingWhitespace())
    }
}
