/// Attributes that every span gets which is started within some code, by whoever starts it: the id of a conversation, a tenant.
///
/// ```swift
/// await InheritedAttributes.with(["gen_ai.conversation.id": "session-7"]) {
///     await profiler.profile("message") { … }   // has the attribute, and so has every span within
/// }
/// ```
/// They go where the current span goes: into child tasks, task groups, `async let` and `Task { }`, not into `Task.detached`. A span
/// that is given the same key has its own value. Nothing is paid for this outside; within, starting a span takes the longer way.
public enum InheritedAttributes {
    /// What spans get that are started now.
    @TaskLocal public static var current = Attributes()

    /// Runs `operation` with these attributes in addition to those inherited already.
    public static func with<Result>(_ attributes: Attributes, _ operation: () throws -> Result) rethrows -> Result {
        try $current.withValue(Attributes(current.elements + attributes.elements)) {
            try SpanHandle.$current.withValue(SpanHandle.current.handingDown, operation: operation)
        }
    }

    /// Runs `operation` with these attributes in addition to those inherited already. Runs on the caller's actor.
    public static func with<Result>(
        _ attributes: Attributes,
        isolation: isolated (any Actor)? = #isolation,
        _ operation: () async throws -> Result
    ) async rethrows -> Result {
        try await $current.withValue(Attributes(current.elements + attributes.elements)) {
            try await SpanHandle.$current.withValue(SpanHandle.current.handingDown, operation: operation)
        }
    }
}

extension SpanHandle {
    /// Gives a span that has just started what it inherits, if it is sampled.
    func inheritAttributes() {
        let inherited = InheritedAttributes.current.elements
        write { writer in
            for attribute in inherited { writer.set(key: attribute.key, attribute.value) }
        }
    }
}
