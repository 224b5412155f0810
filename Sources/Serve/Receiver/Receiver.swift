import Hummingbird
import SpanKitOTLP
import SpanKitPlatform
import SpanKitStore

/// The OTLP/HTTP receiver: `POST /v1/traces`, `/v1/logs` and `/v1/metrics`, in protobuf and JSON, plain or gzip.
///
/// A request is acknowledged after it was committed to the store.
struct Receiver: Sendable {
    /// The largest body as it is sent, and after decompression.
    static let sentLimit = 16 * 1_024 * 1_024
    static let plainLimit = 64 * 1_024 * 1_024
    /// Bodies above this size are decoded on a thread of their own.
    private static let inlineLimit = 64 * 1_024

    let backend: Backend
    /// The longest time for the body of a request.
    let bodyTime: Duration

    func add(to router: Router<BasicRequestContext>) {
        for signal in Signal.allCases {
            router.post("/v1/\(signal.rawValue)") { request, _ in await receive(signal, request) }
        }
    }

    private func receive(_ signal: Signal, _ request: Request) async -> Response {
        let type = request.headers[.contentType].map { $0.prefix { $0 != ";" }.trimmingSpaces.lowercased() }
        let encoding: Encoding = type == "application/json" ? .json : .protobuf
        do throws(Refusal) {
            guard type == "application/json" || type == "application/x-protobuf" else {
                throw Refusal(
                    .unsupportedMediaType,
                    "Content-Type \(type ?? "(none)") is not supported; send application/x-protobuf or application/json"
                )
            }
            let isCompressed = try isCompressed(request)
            let (body, ticket) = try await read(request)
            let (checked, leftOutFields) = try await decode(signal, encoding, body, isCompressed, ticket)
            do { try await backend.store.write(checked) } catch {
                backend.admission.refuse()
                throw Refusal(.serviceUnavailable, "the store cannot be written: \(error)", retryAfter: 5)
            }
            withExtendedLifetime(ticket) {}
            return ReceiverAnswer.success(checked, leftOutFields: leftOutFields, encoding)
        } catch {
            return ReceiverAnswer.refusal(error, encoding)
        }
    }

    private func isCompressed(_ request: Request) throws(Refusal) -> Bool {
        switch request.headers[.contentEncoding]?.trimmingSpaces.lowercased() {
        case nil, "", "identity": false
        case "gzip", "x-gzip": true
        case let other?:
            throw Refusal(.unsupportedMediaType, "Content-Encoding \(other) is not supported; send gzip or none")
        }
    }

    /// Reads the body. Too large a body, and one for which there is no memory, is refused before it is read.
    private func read(_ request: Request) async throws(Refusal) -> ([UInt8], Admission.Ticket) {
        let tooLarge = Refusal(
            .contentTooLarge,
            "the body is longer than \(Self.sentLimit) bytes; send smaller batches or compress them"
        )
        let full = Refusal(.tooManyRequests, "the server has no memory for this request now", retryAfter: 1)
        let length = request.headers[.contentLength].flatMap { Int($0) }
        if let length, length > Self.sentLimit { throw tooLarge }
        guard let ticket = backend.admission.admit(length ?? 64 * 1_024) else { throw full }
        let deadline = ContinuousClock.now.advanced(by: bodyTime)
        var body: [UInt8] = []
        body.reserveCapacity(length ?? 0)
        do {
            for try await part in request.body {
                part.withUnsafeReadableBytes { body.append(contentsOf: $0) }
                guard body.count <= Self.sentLimit else { throw tooLarge }
                guard ticket.grow(to: body.count) else { throw full }
                guard ContinuousClock.now < deadline else {
                    throw Refusal(.requestTimeout, "the body took longer than \(bodyTime)")
                }
            }
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw Refusal(.badRequest, "the body is cut off")
        }
        return (body, ticket)
    }

    private func decode(
        _ signal: Signal,
        _ encoding: Encoding,
        _ body: [UInt8],
        _ isCompressed: Bool,
        _ ticket: Admission.Ticket
    ) async throws(Refusal) -> (OTLPRequest, leftOutFields: Int) {
        if !isCompressed, body.count <= Self.inlineLimit {
            return try decoded(signal, encoding, body, isCompressed, ticket)
        }
        let outcome: Result<(OTLPRequest, leftOutFields: Int), Refusal> = await withCheckedContinuation {
            continuation in
            WaitingThread.run {
                let outcome = Result { () throws(Refusal) in
                    try decoded(signal, encoding, body, isCompressed, ticket)
                }
                continuation.resume(returning: outcome)
            }
        }
        return try outcome.get()
    }

    private func decoded(
        _ signal: Signal,
        _ encoding: Encoding,
        _ body: [UInt8],
        _ isCompressed: Bool,
        _ ticket: Admission.Ticket
    ) throws(Refusal) -> (OTLPRequest, leftOutFields: Int) {
        var plain = body
        if isCompressed {
            plain = try Inflater.inflate(body, limit: Self.plainLimit) { ticket.grow(to: body.count + $0) }
        }
        var leftOutFields = 0
        if encoding == .json {
            guard let type = MessageType.request(ofSignal: signal.rawValue),
                let converted = Transcoder.convert(plain, type, to: .protobuf)
            else {
                throw Refusal(.badRequest, "the body is not JSON of OTLP \(signal.rawValue)")
            }
            (plain, leftOutFields) = converted
        }
        do {
            return (try backend.door.checked(signal, plain), leftOutFields)
        } catch {
            throw Refusal(.badRequest, "the body is not protobuf of OTLP \(signal.rawValue) (\(error))")
        }
    }
}

extension StringProtocol {
    /// The text without spaces and tabs at its ends.
    var trimmingSpaces: String {
        String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
