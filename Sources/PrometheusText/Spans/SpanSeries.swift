import Percentiles

/// What was counted of one operation, with what may become its labels.
public struct SpanSeries: Sendable {
    /// Name, durations and failures since the start.
    public var snapshot: OperationSnapshot
    /// `server`, `client`, `producer`, `consumer` or `internal`; nil when nobody said.
    public var kind: String?
    /// Attributes by their keys; those that the configuration allows become labels.
    public var attributes: [String: String]

    /// A series from its parts.
    public init(_ snapshot: OperationSnapshot, kind: String? = nil, attributes: [String: String] = [:]) {
        self.snapshot = snapshot
        self.kind = kind
        self.attributes = attributes
    }
}
