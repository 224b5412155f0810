import SpanKit

/// The conversation that the running code works for.
public enum Conversation {
    /// The id of the session or thread; nil outside of all conversations. Inherited by child tasks, as the current span is.
    @TaskLocal public static var current: String?

    /// Runs `operation` for a conversation: every span started in it, by whatever code, has `gen_ai.conversation.id`. To be called
    /// around the message's own span, so that each message is one trace and all of them carry the session.
    public static func with<Result>(
        _ id: String,
        isolation: isolated (any Actor)? = #isolation,
        _ operation: () async throws -> Result
    ) async rethrows -> Result {
        let attribute = Attribute(Conventions.v1_41_1.names.conversation.description, .string(id))
        return try await $current.withValue(id) {
            try await InheritedAttributes.with(Attributes([attribute]), operation)
        }
    }
}
