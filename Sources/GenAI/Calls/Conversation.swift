import SpanKit

/// The conversation that the current task belongs to.
public enum Conversation {
    /// The ID of the session or thread; nil outside a conversation. Child tasks inherit it, like the current span.
    @TaskLocal public static var current: String?

    /// Runs `operation` as part of a conversation: all spans started in it have the attribute `gen_ai.conversation.id`.
    ///
    /// Call it around the span that handles a message. Each message then has its own trace, and all spans of the
    /// session have the same ID.
    /// - Parameters:
    ///   - id: the ID of the session or thread.
    ///   - isolation: the actor that runs the operation; the caller's by default.
    ///   - operation: the code to run.
    /// - Returns: the result of the operation. Its errors are rethrown.
    public static func with<Result>(
        _ id: String,
        isolation: isolated (any Actor)? = #isolation,
        _ operation: () async throws -> Result
    ) async rethrows -> Result {
        let attribute = Attribute(GenAIAttribute.conversation.rawValue, .string(id))
        return try await $current.withValue(id) {
            try await InheritedAttributes.with(Attributes([attribute]), operation)
        }
    }
}
