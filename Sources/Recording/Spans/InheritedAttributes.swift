/// Attributes, such as a tenant id, that all spans started within an operation get, including spans of libraries.
///
/// ```swift
/// try await InheritedAttributes.with(["gen_ai.conversation.id": "session-7"]) {
///     // This span has the attribute, and so do the spans within it.
///     try await profiler.profile("import") { try await importer.run() }
/// }
/// ```
/// Child tasks, task groups, `async let` and `Task { }` inherit them; `Task.detached` does not. An attribute that a
/// span sets itself overrides an inherited one with the same key. Starting a span within the operation takes longer.
/// Spans outside of it are not slowed down.
public enum InheritedAttributes {
    /// The attributes that a span started now would inherit.
    @TaskLocal public static var current = Attributes()

    /// Runs `operation` with these attributes in addition to those already inherited.
    public static func with<Result>(_ attributes: Attributes, _ operation: () throws -> Result) rethrows -> Result {
        try $current.withValue(Attributes(current.elements + attributes.elements)) {
            try SpanHandle.$current.withValue(SpanHandle.current.handingDown, operation: operation)
        }
    }

    /// Runs `operation` on the caller's actor with these attributes in addition to those already inherited.
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
    /// Sets the inherited attributes on a span that has just started, if it is sampled.
    func inheritAttributes() {
        set(InheritedAttributes.current)
    }
}
