import SpanKit

/// A piece of a streamed answer that is not what the provider documents, and was left out.
///
/// It names the piece without quoting it, because a piece may hold what a person or a model wrote.
public struct MalformedChunk: Sendable, Hashable, CustomStringConvertible {
    /// The provider's name of the event, such as `content_block_delta`; nil where the piece has none.
    public var type: String?
    /// What is wrong with it, such as "delta.text is missing".
    public var reason: String
    /// The size of its data.
    public var bytes: Int

    /// Creates a record of a malformed piece.
    public init(type: String?, reason: String, bytes: Int) {
        self.type = type
        self.reason = reason
        self.bytes = bytes
    }

    /// One line: which event, how large, what is wrong.
    public var description: String { "\(type ?? "an event without a type") (\(bytes) bytes): \(reason)" }

    /// How many of them become events of one span; ``record(on:count:)`` counts the others.
    public static let maximumEvents = 10

    /// Adds the event `spankit.gen_ai.malformed_chunk` to a span, and counts them in
    /// `spankit.gen_ai.response.malformed_chunk_count`. May be called from any thread.
    /// - Parameters:
    ///   - span: the call's span; the current one by default.
    ///   - count: how many pieces of the answer were malformed so far, this one included.
    public func record(on span: SpanHandle = .current, count: Int) {
        let names = Conventions.v1_41_1.names
        span.set(names.malformedChunkCount, count)
        guard count <= Self.maximumEvents else { return }
        var attributes: Attributes = [:]
        if let type { attributes.add(names.malformedChunkType, .string(type)) }
        attributes.add(names.malformedChunkReason, .string(reason))
        attributes.add(names.malformedChunkBytes, .int(Int64(bytes)))
        span.addEvent(names.malformedChunk.description, attributes: attributes)
    }
}
