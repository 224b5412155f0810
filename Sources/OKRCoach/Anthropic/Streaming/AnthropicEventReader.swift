import SpanKit
import SpanKitGenAI

/// Turns the bytes of one streamed answer into ``ModelEvent``s.
///
/// Belongs to the transfer's thread until the transfer has ended, and to the task that waited for it afterwards.
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
    /// Whether a piece of the answer was given out: from then on nothing may be tried again.
    private(set) var hasOutput = false

    /// - Parameter span: gets an event for each malformed piece.
    init(key: Secret, span: SpanHandle, give: @escaping @Sendable (ModelEvent) -> Void) {
        self.key = key
        self.span = span
        self.give = give
    }

    /// Takes in bytes; false when the answer is complete, or has failed.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        do {
            try events.add(bytes) { event in
                eventCount += 1
                take(AnthropicEvent(event))
                return !isComplete && failure == nil
            }
        } catch {
            failure = LanguageModelError.invalidResponse(
                reason: "an event exceeds \(ServerSentEvents.longestEvent) bytes"
            )
        }
        return !isComplete && failure == nil
    }

    /// The transfer has ended.
    /// - Throws: what the API said instead of an end, or that it said none.
    func finish() throws {
        if let failure { throw failure }
        guard isComplete else { throw LanguageModelError.brokenOff(reason: unfinished) }
    }

    /// That the answer has no end, and what it had instead.
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

    private func take(_ event: AnthropicEvent) {
        switch event {
        case .messageStart(let id, let model, let first):
            usage = first
            give(.start(id: id, model: model, usage: usage.total))
        case .text(let text):
            hasOutput = true
            hasText = hasText || !text.isEmpty
            give(.text(text))
        case .otherOutput:
            hasOutput = true
            give(.otherOutput)
        case .messageDelta(let stopReason, let later):
            usage.update(with: later)
            give(.progress(usage: usage.total, stopReason: stopReason))
        case .messageStop:
            guard hasText else {
                let reason =
                    malformedCount == 0 ? "it holds no text" : "it holds no text in \(eventCount) events\(malformed)"
                return failure = LanguageModelError.invalidResponse(reason: reason)
            }
            isComplete = true
            give(.end(unscaledLatency: nil))
        case .ignored: break
        case .malformed(let chunk):
            malformedCount += 1
            firstMalformed = firstMalformed ?? chunk
            chunk.record(on: span, count: malformedCount)
            give(.malformed(chunk))
        case .error(let type, let message):
            let own = AnthropicFailure(type: type, message: message, key)
            failure = hasOutput ? own.error : own
        }
    }
}

extension AnthropicFailure {
    /// An error that came after HTTP 200, as if it had come with its own status.
    fileprivate init(type: String, message: String, _ key: Secret) {
        let statuses = [
            "invalid_request_error": 400, "authentication_error": 401, "permission_error": 403, "not_found_error": 404,
            "request_too_large": 413, "rate_limit_error": 429, "timeout_error": 504, "overloaded_error": 529,
        ]
        self.init(status: statuses[type] ?? 500, type: type, message: message, retryAfter: nil, key)
        // The answer's own status was 200.
        status = nil
    }
}
