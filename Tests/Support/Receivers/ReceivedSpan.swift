import Foundation

/// A span as a receiver tells it.
public struct ReceivedSpan: Sendable, Hashable {
    /// 32 hex digits.
    public var traceID: String
    /// 16 hex digits.
    public var spanID: String
    /// 16 hex digits; empty for a root.
    public var parentSpanID: String
    /// The operation.
    public var name: String
    /// The number of the kind.
    public var kind: Int
    /// Since 1970.
    public var startNanoseconds: UInt64
    /// Since 1970.
    public var endNanoseconds: UInt64
    /// 0 unset, 1 ok, 2 error.
    public var status: Int

    /// A span as it should have been received.
    public init(
        traceID: String,
        spanID: String,
        parentSpanID: String = "",
        name: String,
        kind: Int = 1,
        startNanoseconds: UInt64,
        endNanoseconds: UInt64,
        status: Int = 0
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.parentSpanID = parentSpanID
        self.name = name
        self.kind = kind
        self.startNanoseconds = startNanoseconds
        self.endNanoseconds = endNanoseconds
        self.status = status
    }

    static func kind(_ name: some StringProtocol) -> Int? {
        ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]
            .firstIndex { "SPAN_KIND_\($0)" == name }
    }

    static func status(_ name: some StringProtocol) -> Int? {
        ["UNSET", "OK", "ERROR"].firstIndex { "STATUS_CODE_\($0)" == name }
    }
}
