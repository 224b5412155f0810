/// One label of a series.
public struct MetricLabel: Sendable, Hashable {
    /// `[a-zA-Z_][a-zA-Z0-9_]*`, not beginning with `__`: node_exporter stops with a panic at such a one.
    public var name: String
    /// Any text; an empty one means that the label is absent.
    public var value: String

    /// A label from its two halves, unchecked; writing checks.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
