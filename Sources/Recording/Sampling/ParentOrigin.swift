/// Where a span's parent comes from.
public enum ParentOrigin: String, Sendable, CaseIterable {
    /// There is no parent: the span begins a trace.
    case none
    /// Another process.
    case remote
    /// This process.
    case local

    init(of parent: SpanContext?) {
        guard let parent, parent.isValid else {
            self = .none
            return
        }
        self = parent.isRemote ? .remote : .local
    }
}
