/// Serves one connection to its end.
struct FaultConnection {
    /// The longest wait, even if the script asks for more.
    private static let longestWait = Duration.generous

    private let socket: LoopbackSocket
    private let script: FaultScript
    private let record: (ReceivedRequest) -> Void
    private var reader: RequestReader

    init(_ socket: LoopbackSocket, number: Int, script: FaultScript, record: @escaping (ReceivedRequest) -> Void) {
        self.socket = socket
        self.script = script
        self.record = record
        reader = RequestReader(socket, connection: number)
    }

    /// Serves the connection, and returns when it should be closed.
    mutating func serve() {
        socket.setTimeLimit(Self.longestWait)
        // On a kept connection such an answer waits for the next request, because clients would not notice it before.
        if let answer = script.takeAnswerBeforeRead() {
            _ = perform(answer, nil)
            return
        }
        var mayContinue = true
        while mayContinue {
            guard reader.hasBytes || socket.waitForBytes(Self.longestWait) == .readable else { return }
            if let answer = script.takeAnswerBeforeRead() {
                _ = perform(answer, nil)
                return
            }
            guard var request = reader.readHead() else { return }
            let listed = script.takeAnswer()
            if case .resetMidBody? = listed {
                reader.readBody(of: &request, upTo: max(1, (Int(request["content-length"] ?? "") ?? 0) / 2))
                request.isComplete = false
                record(request)
                return socket.resetOnClose()
            }
            reader.readBody(of: &request)
            let answer = listed ?? script.answer(to: request)
            record(request)
            guard request.isComplete else { return }
            mayContinue = perform(answer, request)
        }
    }

    /// - Returns: whether another request can follow on this connection.
    private mutating func perform(_ answer: Answer, _ request: ReceivedRequest?) -> Bool {
        switch answer {
        case .neverAnswer, .acceptOnly:
            _ = socket.waitForEnd(Self.longestWait)
            return false
        case .resetBeforeRead, .resetMidBody:
            socket.resetOnClose()
            return false
        case .resetMidAnswer:
            socket.send(Answer.halfAnswer)
            // A reset overtakes bytes that the client has not read yet.
            _ = socket.sleep(.milliseconds(50))
            socket.resetOnClose()
            return false
        case .storeThenClose, .http2, .goAway, .goAwayMidAnswer, .resetStream:
            return false
        case .delay(let time, let then):
            return socket.sleep(min(time, Self.longestWait)) == .timeOver && perform(then, request)
        case .slow(let bytesPerSecond, let then):
            guard let request, let bytes = then.bytes(for: request) else { return false }
            return trickle(bytes, bytesPerSecond) && !request.asksToClose
        case .raw(let bytes):
            socket.send(bytes)
            return false
        case .closeKeepAliveAfterAnswer(let idle, let then):
            if perform(then, request) { _ = socket.waitForBytes(min(idle, Self.longestWait)) }
            return false
        case .resetWhenReused(let then):
            guard perform(then, request) else { return false }
            if socket.waitForBytes(Self.longestWait) == .readable { socket.resetOnClose() }
            return false
        case .status, .unavailable, .rpcStatus, .partialSuccess, .bigBody, .gzipBomb:
            guard let request, let bytes = answer.bytes(for: request) else { return false }
            return socket.send(bytes) && !request.asksToClose
        }
    }

    private func trickle(_ bytes: [UInt8], _ bytesPerSecond: Int) -> Bool {
        let end = ContinuousClock.now + Self.longestWait
        let size = max(1, bytesPerSecond / 20)
        let pause = Duration.seconds(1) * size / max(1, bytesPerSecond)
        var sent = 0
        while sent < bytes.count, .now < end {
            guard socket.send(Array(bytes[sent..<min(sent + size, bytes.count)])) else { return false }
            sent += size
            guard sent >= bytes.count || socket.sleep(pause) == .timeOver else { return false }
        }
        return sent >= bytes.count
    }
}
