/// The conversation that the running code works for.
public enum Conversation {
    /// The id of the session or thread; nil outside of all conversations. Inherited by child tasks, as the current span is.
    @TaskLocal public static var current: String?
}
