import Foundation
import SpanKit
import SpanKitGenAI

/// Turns the bytes of one streamed answer into ``ModelEvent``s (Messages API, "Streaming messages").
///
/// The transfer's thread uses the reader until the transfer ends. Then the task that waited for the transfer uses it. They never
/// use it at the same time.
final class AnthropicEventReader: @unchecked Sendable {
    private let key: Secret
    private let span: SpanHandle
    private let give: @Sendable (ModelEvent) -> Void
    private var events = ServerSentEvents()
    private var usage = AnthropicUsage()
    private var failure: (any Error)?
    private var isComplete = false
    private var hasText = false
    private var eventCount = 0
    private var malformedCount = 0
    private var firstMalformed: MalformedChunk?
    /// Whether a piece of the answer was passed on. From then on the call is not retried.
    private(set) var hasOutput = false

    /// - Parameter span: The span that gets an event for each malformed piece.
    init(key: Secret, span: SpanHandle, give: @escaping @Sendable (ModelEvent) -> Void) {
        self.key = key
        self.span = span
        self.give = give
    }

    /// Reads bytes. Returns false when the answer is complete or has failed.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        do {
            try events.add(bytes) { event in
                eventCount += 1
                take(event)
                return !isComplete && failure == nil
            }
        } catch {
            failure = LanguageModelError.invalidResponse(
                reason: "an event exceeds \(ServerSentEvents.longestEvent) bytes"
            )
        }
        return !isComplete && failure == nil
    }

    /// Ends the answer after the transfer has ended.
    /// - Throws: The error that the API sent, or ``LanguageModelError/brokenOff(reason:)`` if the answer has no end.
    func finish() throws {
        if let failure { throw failure }
        guard isComplete else { throw LanguageModelError.brokenOff(reason: unfinished) }
    }

    /// A description of an answer without an end.
    var unfinished: String {
        let events = eventCount == 1 ? "1 event" : "\(eventCount) events"
        return "the stream ended without message_stop after \(events)\(malformed)"
    }

    private var malformed: String {
        guard let firstMalformed else { return "" }
        return malformedCount == 1
            ? ", of which 1 was malformed: \(firstMalformed)"
            : ", of which \(malformedCount) were malformed, the first one: \(firstMalformed)"
    }

    private func take(_ event: ServerSentEvents.Event) {
        let data = Data(event.data)
        var type: String?
        do throws(Malformed) {
            let known = try Self.type(of: data)
            type = known
            try take(known, data)
        } catch {
            let name = Self.printable(type ?? event.name)
            let chunk = MalformedChunk(type: name, reason: error.reason, bytes: event.data.count)
            malformedCount += 1
            firstMalformed = firstMalformed ?? chunk
            chunk.record(on: span, count: malformedCount)
            give(.malformed(chunk))
        }
    }

    private func take(_ type: String, _ data: Data) throws(Malformed) {
        switch type {
        case "message_start":
            guard let message = try Fields(data).message else { throw Malformed("message is missing") }
            usage = message.usage ?? AnthropicUsage()
            give(.start(id: message.id, model: message.model, usage: usage.total))
        case "content_block_delta":
            guard let delta = try Fields(data).delta else { throw Malformed("delta is missing") }
            guard let deltaType = delta.type else { throw Malformed("delta.type is missing") }
            if deltaType == "text_delta" {
                guard let text = delta.text else { throw Malformed("delta.text is missing") }
                hasText = hasText || !text.isEmpty
                give(.text(text))
            } else {
                give(.otherOutput)
            }
            hasOutput = true
        case "message_delta":
            let fields = try Fields(data)
            guard fields.delta != nil || fields.usage != nil else { throw Malformed("delta is missing") }
            usage.update(with: fields.usage ?? AnthropicUsage())
            give(.progress(usage: usage.total, stopReason: fields.delta?.stop_reason))
        case "message_stop":
            guard hasText else {
                let events = malformedCount == 0 ? "" : " in \(eventCount) events\(malformed)"
                return failure = LanguageModelError.invalidResponse(reason: "it holds no text\(events)")
            }
            isComplete = true
            give(.end(unscaledLatency: nil))
        case "error":
            // An error ends the answer even if its fields cannot be read.
            let error = try? Fields(data).error
            let own = AnthropicFailure(type: error?.type ?? "api_error", message: error?.message ?? "", key)
            failure = hasOutput ? own.error : own
        default: break  // A ping, or a type that this client does not know. The API asks clients to ignore these.
        }
    }

    /// The reason why an event is not what the API documents.
    private struct Malformed: Error {
        let reason: String

        init(_ reason: String) { self.reason = reason }
    }

    private static func type(of data: Data) throws(Malformed) -> String {
        struct Kind: Decodable { var type: String }
        do {
            return try JSONDecoder().decode(Kind.self, from: data).type
        } catch DecodingError.keyNotFound {
            throw Malformed("type is missing")
        } catch DecodingError.typeMismatch(_, let context) {
            throw Malformed(context.codingPath.isEmpty ? "its data is not a JSON object" : "type is not text")
        } catch DecodingError.valueNotFound {
            throw Malformed("type is null")
        } catch {
            throw Malformed(data.isEmpty ? "its data is empty" : "its data is not JSON")
        }
    }

    /// The type, if it can be written to spans and log lines: only short plain names can, because other texts may be
    /// content.
    private static func printable(_ type: String?) -> String? {
        guard let type, !type.isEmpty else { return nil }
        let isName =
            type.utf8.count <= 64 && type.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F || $0 == 0x2E }
        return isName ? type : "an event with an unreadable type"
    }

    /// All fields that this client reads, of any event.
    private struct Fields: Decodable {
        struct Message: Decodable {
            var id: String?
            var model: String?
            var usage: AnthropicUsage?
        }

        struct Delta: Decodable {
            var type: String?
            var text: String?
            var stop_reason: String?
        }

        struct Failure: Decodable {
            var type: String?
            var message: String?
        }

        var message: Message?
        var delta: Delta?
        var usage: AnthropicUsage?
        var error: Failure?

        init(_ data: Data) throws(Malformed) {
            do {
                self = try JSONDecoder().decode(Self.self, from: data)
            } catch DecodingError.typeMismatch(_, let context) {
                throw Malformed("\(context.codingPath.map(\.stringValue).joined(separator: ".")) has the wrong type")
            } catch {
                throw Malformed("its fields cannot be read")
            }
        }
    }
}

extension AnthropicFailure {
    /// An error that was sent in a stream with HTTP status 200. It is treated like an HTTP answer with the status that
    /// belongs to its type.
    fileprivate init(type: String, message: String, _ key: Secret) {
        let statuses = [
            "invalid_request_error": 400, "authentication_error": 401, "permission_error": 403, "not_found_error": 404,
            "request_too_large": 413, "rate_limit_error": 429, "timeout_error": 504, "overloaded_error": 529,
        ]
        self.init(status: statuses[type] ?? 500, type: type, message: message, retryAfter: nil, key)
        // The status of the answer itself was 200.
        status = nil
    }
}
