import CCurl
import OTLP
import Platform

/// One request under way. Belongs to the client's thread.
final class HTTPTransfer {
    let body: Body
    let token: Int
    private let maximumResponseBytes: Int
    private var response: [UInt8] = []
    private var isTooLarge = false
    private var retryAfter: String?
    private var contentType = ""
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    init(body: Body, token: Int, maximumResponseBytes: Int) {
        self.body = body
        self.token = token
        self.maximumResponseBytes = maximumResponseBytes
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit { errorText.deallocate() }

    /// Tells a handle everything about the request. The handle keeps pointers to this object and its body until it is reset.
    func configure(
        _ handle: UnsafeMutableRawPointer,
        _ exporter: OTLPExporter,
        _ headers: UnsafeMutablePointer<curl_slist>?,
        timeout: Duration?
    ) -> CURLcode {
        let context = Unmanaged.passUnretained(self).toOpaque()
        let milliseconds = timeout.map { max(1, Int(clamping: $0.wholeMilliseconds)) } ?? 0
        var codes = [
            spankit_curl_set_text(handle, CURLOPT_URL, exporter.url),
            spankit_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"),
            spankit_curl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
            spankit_curl_set_text(handle, CURLOPT_USERAGENT, UserAgent.text(product: exporter.userAgentProduct)),
            // Every receiver has it, and every libcurl with zlib can decode it; other codings would depend on how curl was built.
            spankit_curl_set_text(handle, CURLOPT_ACCEPT_ENCODING, "gzip"),
            spankit_curl_set_long(handle, CURLOPT_POST, 1),
            spankit_curl_set_large(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.bytes.count)),
            spankit_curl_set_list(handle, CURLOPT_HTTPHEADER, headers),
            spankit_curl_set_long(handle, CURLOPT_NOSIGNAL, 1),
            spankit_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0),
            spankit_curl_set_long(handle, CURLOPT_TCP_NODELAY, 1),
            spankit_curl_set_long(handle, CURLOPT_TCP_KEEPALIVE, 1),
            spankit_curl_set_long(handle, CURLOPT_TIMEOUT_MS, milliseconds),
            spankit_curl_set_long(
                handle,
                CURLOPT_CONNECTTIMEOUT_MS,
                min(10_000, milliseconds == 0 ? 10_000 : milliseconds)
            ),
            spankit_curl_set_write(handle, { HTTPTransfer.of($3).receive($0, $1 * $2) }, context),
            spankit_curl_set_header(handle, { HTTPTransfer.of($3).receiveHeader($0, $1 * $2) }, context),
        ]
        codes.append(spankit_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText))
        body.bytes.withUnsafeBytes { bytes in
            // The body is immutable and kept by this object, so the pointer outlives the request.
            let pointer = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            codes.append(spankit_curl_set_pointer(handle, CURLOPT_POSTFIELDS, pointer))
        }
        if let file = exporter.certificateFile { codes.append(spankit_curl_set_text(handle, CURLOPT_CAINFO, file)) }
        if let file = exporter.clientCertificateFile {
            codes.append(spankit_curl_set_text(handle, CURLOPT_SSLCERT, file))
        }
        if let file = exporter.clientKeyFile { codes.append(spankit_curl_set_text(handle, CURLOPT_SSLKEY, file)) }
        return codes.first { $0 != CURLE_OK } ?? CURLE_OK
    }

    /// What has become of it.
    func answer(_ code: CURLcode, _ handle: UnsafeMutableRawPointer) -> HTTPAnswer {
        var answer = HTTPAnswer()
        var status = 0
        spankit_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        answer.sentBytes = Self.sentBytes(handle)
        answer.status = code == CURLE_OK ? status : 0
        answer.contentType = contentType
        answer.retryAfter = retryAfter
        answer.body = response
        answer.failure = isTooLarge ? .answerTooLarge : failure(code)
        return answer
    }

    /// Bytes of the request's body that have left so far.
    static func sentBytes(_ handle: UnsafeMutableRawPointer) -> Int64 {
        var sent: curl_off_t = 0
        spankit_curl_get_large(handle, CURLINFO_SIZE_UPLOAD_T, &sent)
        return Int64(sent)
    }

    private func failure(_ code: CURLcode) -> HTTPAnswer.Failure? {
        switch code {
        case CURLE_OK: nil
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        case CURLE_URL_MALFORMAT, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE, CURLE_NOT_BUILT_IN:
            .settings(text(code))
        default: .noConnection(text(code))
        }
    }

    private func text(_ code: CURLcode) -> String {
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
        guard response.count + count <= maximumResponseBytes else {
            isTooLarge = true
            return 0
        }
        response.append(contentsOf: UnsafeRawBufferPointer(start: data, count: count))
        return count
    }

    private func receiveHeader(_ data: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        let line = String(decoding: UnsafeRawBufferPointer(start: data, count: count), as: UTF8.self)
        guard let colon = line.firstIndex(of: ":") else { return count }
        let value = line[line.index(after: colon)...].trimmingWhitespace()
        switch line[..<colon].lowercased() {
        case "retry-after": retryAfter = String(value)
        case "content-type": contentType = value.prefix { $0 != ";" }.trimmingWhitespace().lowercased()
        default: break
        }
        return count
    }
}
