import SpanKitHTTP
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Frames and answers of gRPC")
struct GRPCStatusTests {
    /// A real `google.rpc.Status` with a `RetryInfo` of 2.5 s, without padding.
    private static let details =
        "CAgSHG92ZXJsb2FkZWQsIDEwMCUgw6kKMm5kIGxpbmUaNgoodHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLlJldHJ5SW5mbxIKCggIAhCAyrXuAQ"

    private func verdict(
        _ fields: [String: String],
        _ configure: (inout HTTPAnswer) -> Void = { _ in }
    ) -> Verdict {
        var answer = HTTPAnswer()
        answer.status = 200
        answer.grpcFields = fields
        configure(&answer)
        return Verdict(answer, .grpc, unixSeconds: 784_111_777)
    }

    @Test("a frame is a flag, the length in four bytes, and the message")
    func frame() {
        #expect(GRPCFrame.framed([], isCompressed: false) == [0, 0, 0, 0, 0])
        #expect(GRPCFrame.framed([7, 8], isCompressed: true) == [1, 0, 0, 0, 2, 7, 8])
        #expect(
            GRPCFrame.framed([UInt8](repeating: 1, count: 70_000), isCompressed: false).prefix(5) == [
                0, 0, 1, 0x11, 0x70,
            ]
        )
    }

    @Test(
        "the first message of a body is read if it is whole",
        arguments: [
            ([0, 0, 0, 0, 2, 10, 0], [10, 0]), ([0, 0, 0, 0, 0], []), ([0, 0, 0, 0, 1, 9, 0, 0, 0, 0, 1, 8], [9]),
            ([], nil),
            ([0, 0, 0, 0], nil), ([0, 0, 0, 0, 2, 10], nil), ([2, 0, 0, 0, 1, 10], nil), ([1, 0, 0, 0, 2, 10, 0], nil),
            ([0, 0xFF, 0xFF, 0xFF, 0xFF, 1], nil),
        ] as [([UInt8], [UInt8]?)]
    )
    func message(body: [UInt8], message: [UInt8]?) {
        #expect(GRPCFrame.firstMessage(in: body, limit: 100) == message)
    }

    @Test("a compressed message is decompressed up to a limit")
    func compressedMessage() {
        let body = Answer.grpcFrame(Gzip.compress([UInt8](repeating: 5, count: 1_000)), isCompressed: true)
        #expect(GRPCFrame.firstMessage(in: body, limit: 1_000)?.count == 1_000)
        #expect(GRPCFrame.firstMessage(in: body, limit: 999) == nil)
    }

    @Test("the message of a status is percent-encoded UTF-8, and bad sequences stay as they are")
    func messages() {
        func message(_ text: String) -> String? { GRPCStatus(["grpc-status": "3", "grpc-message": text])?.message }
        #expect(message("100%25 %C3%A9%0A2nd") == "100% é\n2nd")
        #expect(message("50% off, %zz %4") == "50% off, %zz %4")
        #expect(message("%FF") == "\u{FFFD}")
        #expect(message("") == "")
    }

    @Test("details without padding give the delay and the message")
    func retryInfo() throws {
        let status = try #require(GRPCStatus(["grpc-status": "8", "grpc-status-details-bin": Self.details]))
        #expect(
            status == GRPCStatus(code: 8, message: "overloaded, 100% é\n2nd line", retryDelay: .milliseconds(2_500))
        )
        let padded = try #require(GRPCStatus(["grpc-status": "8", "grpc-status-details-bin": Self.details + "="]))
        #expect(padded == status)
    }

    @Test(
        "a status is a short decimal number",
        arguments: [
            ("0", 0), ("16", 16), ("17", 17), ("", nil), ("-1", nil), ("1 ", nil), ("x", nil), ("99999999999", nil),
        ]
            as [(String, Int?)]
    )
    func numbers(text: String, code: Int?) {
        #expect(GRPCStatus(["grpc-status": text])?.code == code)
    }

    @Test("what each status means", arguments: 0...17, [false, true])
    func statuses(code: Int, withDelay: Bool) {
        var fields = ["grpc-status": "\(code)"]
        if withDelay { fields["grpc-status-details-bin"] = Self.details }
        let delay: Duration? = withDelay ? .milliseconds(2_500) : nil
        switch verdict(fields) {
        case .accepted: #expect(code == 0)
        case .again(let after, _):
            #expect([1, 4, 10, 11, 14, 15].contains(code) || code == 8 && withDelay)
            #expect(after == delay)
        case .refused(let why, _):
            #expect([2, 3, 5, 6, 7, 9, 12, 13, 16, 17].contains(code) || code == 8 && !withDelay)
            #expect(why == .grpcStatus(code))
        case .split: Issue.record("nothing is too large")
        }
    }

    @Test(
        "a message that is too large is split",
        arguments: [
            (8, "grpc: received message larger than max (5766370 vs. 4194304)"),
            (8, "grpc: received message after decompression larger than max 4194304"),
            (8, "Received message larger than max (5766370 vs. 4194304)"),
            (8, "gRPC message exceeds maximum size 4194304: 5766370"),
            (11, "Error, decoded message length too large: found 5766370 bytes, the limit is: 4194304 bytes"),
        ]
    )
    func tooLarge(code: Int, message: String) {
        let fields = ["grpc-status": "\(code)", "grpc-message": message]
        guard case .split(_, code) = verdict(fields) else {
            Issue.record("\(verdict(fields))")
            return
        }
        // A status that has arrived counts more than the end of the stream during the upload.
        let cut = verdict(fields) { $0.failure = .noConnection(.streamReset, "reset") }
        guard case .split = cut else {
            Issue.record("\(cut)")
            return
        }
    }

    @Test("an end of the stream without a status means too large above 4 MiB, and no answer below")
    func streamReset() {
        func verdict(_ bytes: Int) -> Verdict {
            self.verdict([:]) { answer in
                answer.failure = .noConnection(.streamReset, "reset")
                answer.status = 0
                answer.requestBytes = bytes
            }
        }
        guard case .split = verdict(4_194_305) else {
            Issue.record("\(verdict(4_194_305))")
            return
        }
        guard case .again = verdict(4_194_304) else {
            Issue.record("\(verdict(4_194_304))")
            return
        }
    }

    @Test("success needs a status and a whole answer")
    func success() {
        #expect(verdict(["grpc-status": "0"]) == .accepted(rejected: 0, message: ""))
        #expect(verdict([:]) == .again(after: nil, reason: "the answer has no gRPC status"))
        #expect(
            verdict(["grpc-status": "0"]) { $0.failure = .noConnection(.closed, "cut") }
                == .again(after: nil, reason: "cut")
        )
    }

    @Test("without the trailers, which some versions of libcurl lose at GOAWAY, a whole message is a success")
    func lostTrailers() {
        let frame = Answer.grpcFrame([0x0A, 0x07, 0x08, 3, 0x12, 3, 0x62, 0x61, 0x64])
        func verdict(_ change: (inout HTTPAnswer) -> Void = { _ in }) -> Verdict {
            self.verdict([:]) { answer in
                answer.contentType = "application/grpc"
                answer.body = frame
                change(&answer)
            }
        }
        #expect(verdict() == .accepted(rejected: 3, message: "bad"))
        #expect(verdict { $0.contentType += "+proto" } == .accepted(rejected: 3, message: "bad"))
        let empty = Answer.grpcFrame([])
        #expect(verdict { $0.body = empty } == .accepted(rejected: 0, message: ""))
        let unknown = Verdict.again(after: nil, reason: "the answer has no gRPC status")
        for count in 0..<frame.count { #expect(verdict { $0.body = Array(frame.prefix(count)) } == unknown) }
        #expect(verdict { $0.contentType = "text/html" } == unknown)
        #expect(verdict { $0.grpcFields = ["grpc-status": "x"] } == unknown)
        #expect(verdict { $0.failure = .noConnection(.closed, "cut") } == .again(after: nil, reason: "cut"))
        #expect(verdict { $0.grpcFields = ["grpc-status": "3"] } != .accepted(rejected: 3, message: "bad"))
        guard case .refused = verdict({ $0.status = 404 }) else {
            Issue.record("the message counts only after status 200")
            return
        }
    }

    @Test("a whole message with the status of success counts even if the connection breaks after it")
    func brokenAfterSuccess() {
        let frame = Answer.grpcFrame([0x0A, 0x07, 0x08, 3, 0x12, 3, 0x62, 0x61, 0x64])
        for failure in [HTTPAnswer.Failure.noConnection(.streamReset, "cut"), .noConnection(.closed, "cut"), .timedOut]
        {
            #expect(
                verdict(["grpc-status": "0"]) {
                    $0.failure = failure
                    $0.body = frame
                } == .accepted(rejected: 3, message: "bad")
            )
            for count in 0..<frame.count {
                let partial = verdict(["grpc-status": "0"]) {
                    $0.failure = failure
                    $0.body = Array(frame.prefix(count))
                }
                guard case .again = partial else {
                    Issue.record("\(count) bytes: \(partial)")
                    continue
                }
            }
        }
    }

    @Test(
        "a partial success is read from the message",
        arguments: [
            ([0x0A, 0x00], 0, ""), ([], 0, ""), ([0x0A, 0x07, 0x08, 3, 0x12, 3, 0x62, 0x61, 0x64], 3, "bad"),
            ([0x0A, 0x0B, 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1], 0, ""), ([0xFF], 0, ""),
        ] as [([UInt8], Int, String)]
    )
    func partialSuccess(message: [UInt8], rejected: Int, text: String) {
        for isCompressed in [false, true] {
            let body = Answer.grpcFrame(isCompressed ? Gzip.compress(message) : message, isCompressed: isCompressed)
            #expect(verdict(["grpc-status": "0"]) { $0.body = body } == .accepted(rejected: rejected, message: text))
        }
    }

    @Test("an answer of a proxy without a status", arguments: 300..<600)
    func proxies(status: Int) {
        switch verdict([:], { $0.status = status }) {
        case .again: #expect([429, 502, 503, 504].contains(status))
        case .split: #expect(status == 413)
        case .refused(let why, _): #expect(why == .status(status) && ![413, 429, 502, 503, 504].contains(status))
        case .accepted: Issue.record("\(status) is no success")
        }
    }

    @Test("the Retry-After of a proxy is respected, and a gRPC status takes precedence over the HTTP status")
    func mixed() {
        let proxy = verdict([:]) { answer in
            answer.status = 503
            answer.retryAfter = "7"
        }
        #expect(proxy == .again(after: .seconds(7), reason: "status 503 without a gRPC status"))
        guard case .refused(.grpcStatus(3), _) = verdict(["grpc-status": "3"], { $0.status = 503 }) else {
            Issue.record("the status of gRPC counts")
            return
        }
    }

    @Test(
        "no answer means to try again, or that the settings are wrong",
        arguments: [
            HTTPAnswer.Trouble.unknownHost, .proxy, .refused, .tls, .plainText, .notHTTP, .closed, .streamReset, .other,
        ]
    )
    func failures(trouble: HTTPAnswer.Trouble) {
        #expect(verdict([:]) { $0.failure = .noConnection(trouble, "text") } == .again(after: nil, reason: "text"))
        #expect(verdict([:]) { $0.failure = .timedOut } == .again(after: nil, reason: "no answer in time"))
        #expect(verdict([:]) { $0.failure = .settings("file") } == .refused(.settings, reason: "file"))
    }

    @Test("no frame, status or trailer crashes the parser")
    func fuzz() {
        var random = SplitMix64(seed: 4_317)
        let texts = [
            "0", "8", "14", "100%25 %C3%A9%0A2nd", "%", Self.details,
            "grpc: received message larger than max (5 vs. 4)",
        ]
        let frames = [
            Answer.grpcFrame([0x0A, 0x07, 0x08, 3, 0x12, 3, 0x62, 0x61, 0x64]),
            Answer.grpcFrame(Gzip.compress([10, 0]), isCompressed: true), [],
        ]
        func changed(_ bytes: [UInt8]) -> [UInt8] {
            var bytes = bytes
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                switch Int.random(in: 0..<3, using: &random) {
                case 0 where !bytes.isEmpty:
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
                case 1:
                    bytes.insert(.random(in: 0...255, using: &random), at: .random(in: 0...bytes.count, using: &random))
                default: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
                }
            }
            return bytes
        }
        for _ in 0..<FuzzRounds.count {
            var answer = HTTPAnswer()
            answer.status = [200, 200, 503, 400].randomElement(using: &random) ?? 200
            for name in ["grpc-status", "grpc-message", "grpc-status-details-bin"] where Bool.random(using: &random) {
                let text = Array((texts.randomElement(using: &random) ?? "").utf8)
                answer.grpcFields[name] = String(decoding: changed(text), as: UTF8.self)
            }
            answer.body = changed(frames.randomElement(using: &random) ?? [])
            if Bool.random(using: &random) { answer.contentType = "application/grpc" }
            if let message = GRPCFrame.firstMessage(in: answer.body, limit: 1_000) { #expect(message.count <= 1_000) }
            let status = Verdict.status(of: answer)
            if let delay = status?.retryDelay { #expect(delay >= .zero && delay <= .seconds(31_536_000)) }
            let reason: String
            switch Verdict(answer, .grpc, unixSeconds: 0) {
            case .accepted(let rejected, let message):
                #expect(status?.code == 0 && rejected >= 0)
                reason = message
            case .again(_, let text), .refused(_, let text), .split(let text, _):
                #expect(status?.code != 0)
                reason = text
            }
            #expect(
                reason.count <= 250 && !reason.unicodeScalars.contains { $0.value < 0x20 },
                "\(reason.debugDescription)"
            )
        }
    }
}
