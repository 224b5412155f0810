import Foundation
import SpanKitPercentiles

/// The statistics of all operations for other tools: the same objects as `operations` in a results file.
public struct OperationsJSON: Codable, Sendable, Equatable {
    /// Of these objects and of results files: grows when a reader of the previous version would misread them.
    package static let currentFormatVersion = 1

    /// As in `docs/results-file.md`.
    public var formatVersion: Int
    /// Costliest first.
    package var operations: [Operation]

    /// Wraps what a profiler's `snapshot()` returned.
    public init(_ operations: [OperationSnapshot]) {
        formatVersion = Self.currentFormatVersion
        self.operations = operations.costliestFirst().map(Operation.init)
    }

    /// Indented JSON with sorted keys, ending with a line feed; histograms are base64 of their serialised form.
    public func json() throws -> [UInt8] {
        try readableJSON(self)
    }
}

/// JSON as all files of SpanKit are written: indented, keys sorted, a line feed at the end.
package func readableJSON(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return [UInt8](try encoder.encode(value)) + [0x0A]
}

extension [OperationSnapshot] {
    /// By total time, ties by name, so that the same measurements always give the same file.
    package func costliestFirst() -> [OperationSnapshot] {
        sorted { left, right in
            let (time, other) = (left.histogram.sumNanoseconds, right.histogram.sumNanoseconds)
            return time != other ? time > other : left.name < right.name
        }
    }
}
