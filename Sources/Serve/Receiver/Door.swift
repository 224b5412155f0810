import SpanKitStore

/// Every request passes here before it is stored: it is redacted if redaction is on, and checked.
struct Door: Sendable {
    let store: Store
    let redactor: RequestRedactor?

    /// The request as it is stored.
    func checked(_ signal: Signal, _ body: [UInt8]) throws(OTLPRequest.Damage) -> OTLPRequest {
        guard let redactor else { return try OTLPRequest(signal, body) }
        guard let redacted = redactor.redacted(body, signal) else {
            throw OTLPRequest.Damage(description: "a message is cut off or damaged")
        }
        return try OTLPRequest(signal, redacted)
    }

    func write(_ signal: Signal, _ body: [UInt8]) async throws { try await store.write(try checked(signal, body)) }
}
