import SpanKit

/// A chunk of a streamed response that was ignored because it does not match the provider's documentation.
///
/// The description does not quote the chunk, because the chunk may contain text of a person or a model.
public struct MalformedChunk: Sendable, Hashable, CustomStringConvertible {
    /// The provider's name of the event, such as `content_block_delta`; nil if the chunk has none.
    public var type: String?
    /// What is wrong with the chunk, such as "delta.text is missing".
    public var reason: String
    /// The size of the chunk's data in bytes.
    public var bytes: Int

    /// Creates a description of a malformed chunk.
    public init(type: String?, reason: String, bytes: Int) {
        self.type = type
        self.reason = reason
        self.bytes = bytes
    }

    /// The event, its size and what is wrong, in one line.
    public var description: String {
        "\(type ?? "an event without a type") (\(bytes == 1 ? "1 byte" : "\(bytes) bytes")): \(reason)"
    }

    /// The maximum number of malformed chunks that become events of a span. Further ones are only counted.
    public static let maximumEvents = 10

    /// Adds the event `spankit.gen_ai.malformed_chunk` to a span, and sets the attribute
    /// `spankit.gen_ai.response.malformed_chunk_count`.
    ///
    /// It can be called from any thread.
    /// - Parameters:
    ///   - span: the call's span. The default is the span of the call that is running. Outside calls, it is the current span.
    ///   - count: the number of malformed chunks of the response so far, including this one.
    public func record(on span: SpanHandle? = nil, count: Int) {
        let span = span ?? CallScope.span
        span.set(GenAIAttribute.malformedChunkCount.rawValue, count)
        guard count <= Self.maximumEvents else { return }
        var attributes: Attributes = [:]
        attributes.add(.malformedChunkType, type)
        attributes.add(.malformedChunkReason, reason)
        attributes.add(.malformedChunkBytes, bytes)
        span.addEvent(GenAIAttribute.malformedChunk.rawValue, attributes: attributes)
    }
}
