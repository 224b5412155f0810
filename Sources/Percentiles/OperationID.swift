/// Names one operation within one ``PercentileEngine``: dense from 0, never reused.
@frozen
public struct OperationID: Hashable, Sendable {
    @usableFromInline package let rawValue: UInt32

    @inlinable
    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Where everything goes that exceeds the engine's limit of distinct operations.
    public static let overflow = OperationID(rawValue: 0)
}
