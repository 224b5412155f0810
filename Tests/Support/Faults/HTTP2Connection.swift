/// Serves one connection of a client that speaks HTTP/2 (RFC 9113), one request at a time.
///
/// The client gets windows that it cannot fill. The server ignores the client's windows, which are larger than its answers.
struct HTTP2Connection {
    private static let longestWait = Duration.generous
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    private static let largestFrame = 16_384

    private enum Kind {
        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let resetStream: UInt8 = 3
        static let settings: UInt8 = 4
        static let ping: UInt8 = 6
        static let goAway: UInt8 = 7
        static let windowUpdate: UInt8 = 8
        static let continuation: UInt8 = 9
    }

    private struct Frame {
        var kind: UInt8
        var flags: UInt8
        var stream: UInt32
        var payload: [UInt8]

        var endsStream: Bool { flags & 1 != 0 }
        var endsHeaders: Bool { flags & 4 != 0 }

        /// The payload of DATA or HEADERS without padding and priority.
        var content: ArraySlice<UInt8> {
            var content = payload[...]
            if flags & 8 != 0, let padding = content.popFirst() { content = content.dropLast(Int(padding)) }
            return kind == Kind.headers && flags & 0x20 != 0 ? content.dropFirst(5) : content
        }
    }

    /// A request that is being received.
    private struct Partial {
        var request: ReceivedRequest
        var listed: Answer?
    }

    private let socket: LoopbackSocket
    private let number: Int
    private let script: FaultScript
    private let record: (ReceivedRequest) -> Void
    private var buffered: [UInt8] = []
    private var decoder = HPACKDecoder()
    private var headerBlock: [UInt8] = []
    private var partial: [UInt32: Partial] = [:]
    private var lastStream: UInt32 = 0

    init(_ socket: LoopbackSocket, number: Int, script: FaultScript, record: @escaping (ReceivedRequest) -> Void) {
        self.socket = socket
        self.number = number
        self.script = script
        self.record = record
    }

    /// Serves the connection, and returns when it should be closed.
    mutating func serve() {
        socket.setTimeLimit(Self.longestWait)
        if let answer = script.takeAnswerBeforeRead() {
            _ = perform(answer, nil, 0)
            return
        }
        // SETTINGS_MAX_CONCURRENT_STREAMS and SETTINGS_INITIAL_WINDOW_SIZE, then the window of the connection.
        send(Kind.settings, 0, 0, [0, 3, 0, 0, 0, 100, 0, 4, 0x7F, 0xFF, 0xFF, 0xFF])
        send(Kind.windowUpdate, 0, 0, [0x7F, 0xFE, 0, 0])
        guard read(Self.preface.count) == Self.preface else {
            // A client of HTTP/1.1 has to see the frames, which a reset would overtake.
            socket.finishSending()
            while let bytes = try? socket.receive(), !bytes.isEmpty {}
            return
        }
        while let frame = readFrame(), handle(frame) {}
    }

    /// - Returns: whether another frame can follow.
    private mutating func handle(_ frame: Frame) -> Bool {
        switch frame.kind {
        case Kind.headers, Kind.continuation:
            headerBlock += frame.kind == Kind.headers ? frame.content : frame.payload[...]
            if frame.kind == Kind.headers, frame.endsStream { return false }
            return frame.endsHeaders ? begin(frame.stream) : true
        case Kind.data:
            guard partial[frame.stream] != nil else { return true }
            partial[frame.stream]?.request.body += frame.content
            return receive(frame)
        case Kind.settings: return frame.flags & 1 != 0 || send(Kind.settings, 1, 0, [])
        case Kind.ping: return frame.flags & 1 != 0 || send(Kind.ping, 1, 0, frame.payload)
        case Kind.resetStream: partial[frame.stream] = nil
        default: break
        }
        return true
    }

    private mutating func begin(_ stream: UInt32) -> Bool {
        defer { headerBlock = [] }
        guard let fields = try? decoder.decode(headerBlock) else { return false }
        if let answer = script.takeAnswerBeforeRead() { return perform(answer, nil, stream) }
        func value(_ name: String) -> String { fields.first { $0.name == name }?.value ?? "" }
        var headers = fields.filter { !$0.name.hasPrefix(":") }.map { (name: $0.name, value: $0.value) }
        headers.insert((name: "host", value: value(":authority")), at: 0)
        lastStream = stream
        partial[stream] = Partial(
            request: ReceivedRequest(
                arrival: .now,
                connection: number,
                method: value(":method"),
                path: value(":path"),
                headers: headers,
                body: [],
                isComplete: false
            ),
            listed: script.takeAnswer()
        )
        return true
    }

    private mutating func receive(_ frame: Frame) -> Bool {
        guard var (request, listed) = partial[frame.stream].map({ ($0.request, $0.listed) }) else { return true }
        if case .resetMidBody? = listed, request.body.count >= max(1, (Int(request["content-length"] ?? "") ?? 0) / 2) {
            record(request)
            socket.resetOnClose()
            return false
        }
        guard frame.endsStream else { return true }
        partial[frame.stream] = nil
        request.isComplete = true
        request.takeMessageFromFrame()
        let answer = listed ?? script.answer(to: request)
        record(request)
        listed = nil
        return request.isComplete && perform(answer, request, frame.stream)
    }

    /// - Returns: whether another request can follow on this connection.
    private mutating func perform(_ answer: Answer, _ request: ReceivedRequest?, _ stream: UInt32) -> Bool {
        switch answer {
        case .neverAnswer, .acceptOnly:
            _ = socket.waitForEnd(Self.longestWait)
            return false
        case .resetBeforeRead, .resetMidBody:
            socket.resetOnClose()
            return false
        case .resetMidAnswer:
            send(
                Kind.headers,
                4,
                stream,
                HPACKEncoder.encode([(":status", "200"), ("content-type", "application/grpc")])
            )
            send(Kind.data, 0, stream, Answer.grpcFrame([UInt8](repeating: 32, count: 1_000)).dropLast(500))
            _ = socket.sleep(.milliseconds(50))
            socket.resetOnClose()
            return false
        case .storeThenClose: return false
        case .delay(let time, let then):
            return socket.sleep(min(time, Self.longestWait)) == .timeOver && perform(then, request, stream)
        case .raw(let bytes):
            socket.send(bytes)
            return false
        case .closeKeepAliveAfterAnswer(let idle, let then):
            guard perform(then, request, stream) else { return false }
            _ = socket.sleep(min(idle, Self.longestWait))
            waitForClose()
            return false
        case .resetWhenReused(let then):
            guard perform(then, request, stream) else { return false }
            if socket.waitForBytes(Self.longestWait) == .readable { socket.resetOnClose() }
            return false
        case .goAway(let then):
            guard perform(then, request, stream) else { return false }
            send(Kind.goAway, 0, 0, lastStreamAndNoError)
            waitForClose()
            return false
        case .goAwayMidAnswer(let then):
            guard let request, let answer = then.inHTTP2(request) else { return false }
            let bytes = Self.bytes(answer, stream)
            let head = 9 + bytes[0..<3].reduce(0) { $0 << 8 | Int($1) }
            socket.send(Array(bytes[..<head]))
            _ = socket.sleep(.milliseconds(50))
            socket.send(Array(bytes[head...]) + Self.frame(Kind.goAway, 0, 0, lastStreamAndNoError))
            waitForClose()
            return false
        case .resetStream(let code): return send(Kind.resetStream, 0, stream, Self.bigEndian(code))
        case .slow(let bytesPerSecond, let then):
            guard let request, let answer = then.inHTTP2(request) else { return false }
            return trickle(Self.bytes(answer, stream), bytesPerSecond)
        case .status, .unavailable, .rpcStatus, .partialSuccess, .bigBody, .gzipBomb, .http2:
            guard let request, let answer = answer.inHTTP2(request) else { return false }
            return socket.send(Self.bytes(answer, stream))
        }
    }

    private var lastStreamAndNoError: [UInt8] { Self.bigEndian(lastStream) + Self.bigEndian(0) }

    /// Ends sending, and waits for the client to close. Closing with unread bytes, such as requests that are not served any more, would
    /// be a reset, which can overtake the answer.
    private func waitForClose() {
        socket.finishSending()
        while let bytes = try? socket.receive(), !bytes.isEmpty {}
    }

    private func trickle(_ bytes: [UInt8], _ bytesPerSecond: Int) -> Bool {
        let pause = Duration.seconds(1) / max(1, bytesPerSecond)
        let end = ContinuousClock.now + Self.longestWait
        for byte in bytes {
            guard .now < end, socket.send([byte]), socket.sleep(pause) == .timeOver else { return false }
        }
        return true
    }

    // MARK: Frames

    private static func bytes(_ answer: HTTP2Answer, _ stream: UInt32) -> [UInt8] {
        let hasTrailers = !answer.trailers.isEmpty
        let isHeadOnly = answer.body.isEmpty && !hasTrailers
        var bytes = frame(Kind.headers, isHeadOnly ? 5 : 4, stream, HPACKEncoder.encode(answer.head))
        for start in stride(from: 0, to: answer.body.count, by: largestFrame) {
            let end = min(start + largestFrame, answer.body.count)
            let isLast = end == answer.body.count && !hasTrailers
            bytes += frame(Kind.data, isLast ? 1 : 0, stream, Array(answer.body[start..<end]))
        }
        if hasTrailers { bytes += frame(Kind.headers, 5, stream, HPACKEncoder.encode(answer.trailers)) }
        return bytes
    }

    private static func frame(_ kind: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8]) -> [UInt8] {
        bigEndian(UInt32(payload.count)).dropFirst() + [kind, flags] + bigEndian(stream) + payload
    }

    private static func bigEndian(_ number: UInt32) -> [UInt8] {
        (0..<4).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    @discardableResult
    private func send(_ kind: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8]) -> Bool {
        socket.send(Self.frame(kind, flags, stream, payload))
    }

    private mutating func readFrame() -> Frame? {
        let head = read(9)
        guard head.count == 9 else { return nil }
        let length = head[0..<3].reduce(0) { $0 << 8 | Int($1) }
        let payload = read(length)
        guard payload.count == length else { return nil }
        let stream = head[5..<9].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        return Frame(kind: head[3], flags: head[4], stream: stream, payload: payload)
    }

    /// So many bytes, or fewer if the connection ends first.
    private mutating func read(_ count: Int) -> [UInt8] {
        while buffered.count < count, let more = try? socket.receive(upTo: 1 << 18), !more.isEmpty { buffered += more }
        let bytes = Array(buffered.prefix(count))
        buffered.removeFirst(bytes.count)
        return bytes
    }
}

extension ReceivedRequest {
    /// Replaces the body, which is one frame of gRPC, by its message. Any other body makes the request incomplete.
    fileprivate mutating func takeMessageFromFrame() {
        guard body.count >= 5, body[0] <= 1, body[1..<5].reduce(0, { $0 << 8 | Int($1) }) == body.count - 5 else {
            isComplete = false
            return
        }
        frameFlag = body[0]
        body.removeFirst(5)
    }
}
