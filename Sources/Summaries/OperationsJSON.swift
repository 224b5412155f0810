import Foundation
import SpanKitPercentiles
import SpanKitPlatform

/// The statistics of all operations as JSON, in the format of the field `operations` of a results file.
public struct OperationsJSON: Codable, Sendable, Equatable {
    /// The current version of the format. It increases when readers of the previous version would misread the data.
    package static let currentFormatVersion = 1

    /// The version of the format; see `docs/results-file.md`.
    public var formatVersion: Int
    /// The operations, the one with the most total time first.
    package var operations: [Operation]

    /// Creates the statistics from the result of a profiler's `snapshot()`.
    public init(_ operations: [OperationSnapshot]) {
        formatVersion = Self.currentFormatVersion
        self.operations = operations.costliestFirst().map(Operation.init)
    }

    /// Returns indented JSON with sorted keys, ending with a line feed. Histograms are serialized and encoded as
    /// base64.
    public func json() throws -> [UInt8] {
        try readableJSON(self)
    }
}

/// Encodes a value as JSON in the form of all files of SpanKit: indented, with sorted keys and a line feed at the end.
package func readableJSON(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return [UInt8](try encoder.encode(value)) + [0x0A]
}

extension [OperationSnapshot] {
    /// The operations by total time, ties by name, so that equal measurements give equal files.
    package func costliestFirst() -> [OperationSnapshot] {
        sorted { left, right in
            let (time, other) = (left.histogram.sumNanoseconds, right.histogram.sumNanoseconds)
            return time != other ? time > other : ByteText(left.name) < ByteText(right.name)
        }
    }
}

extension OperationsJSON {
    /// One operation with its histogram.
    ///
    /// `histogram` is the base64 form of ``ExponentialHistogram/serialized()``. SpanKit reads only the histogram, the name and the
    /// counts; the other numbers are calculated from the histogram for other tools.
    package struct Operation: Codable, Sendable, Equatable {
        package var snapshot: OperationSnapshot

        package init(_ snapshot: OperationSnapshot) {
            self.snapshot = snapshot
        }

        private enum CodingKeys: String, CodingKey {
            case name, count, errorCount, totalNanoseconds, averageNanoseconds, minimumNanoseconds, maximumNanoseconds
            case p50Nanoseconds, p90Nanoseconds, p95Nanoseconds, p99Nanoseconds, variability
            case averageMemoryDeltaBytes, histogram
        }

        /// Reads an operation.
        /// - Throws: `DecodingError`, also if the histogram is damaged or does not contain `count` durations.
        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            let text = try values.decode(String.self, forKey: .histogram)
            func damage(_ key: CodingKeys, _ reason: String) -> DecodingError {
                .dataCorruptedError(forKey: key, in: values, debugDescription: reason)
            }
            guard let bytes = Data(base64Encoded: text) else { throw damage(.histogram, "is not base64") }
            let histogram: ExponentialHistogram
            do {
                histogram = try ExponentialHistogram(serialized: [UInt8](bytes))
            } catch {
                throw damage(.histogram, error.description)
            }
            let count = try values.decode(UInt64.self, forKey: .count)
            guard histogram.count == count else {
                throw damage(.count, "is \(count), but the histogram contains \(histogram.count) durations")
            }
            snapshot = OperationSnapshot(
                name: try values.decode(String.self, forKey: .name),
                histogram: histogram,
                errorCount: try values.decode(UInt64.self, forKey: .errorCount)
            )
        }

        package func encode(to encoder: any Encoder) throws {
            let statistics = snapshot.statistics
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(statistics.name, forKey: .name)
            try values.encode(statistics.count, forKey: .count)
            try values.encode(statistics.errorCount, forKey: .errorCount)
            try values.encode(statistics.totalNanoseconds, forKey: .totalNanoseconds)
            try values.encode(wholeNanoseconds(statistics.averageNanoseconds), forKey: .averageNanoseconds)
            try values.encode(statistics.minimumNanoseconds, forKey: .minimumNanoseconds)
            try values.encode(statistics.maximumNanoseconds, forKey: .maximumNanoseconds)
            try values.encode(wholeNanoseconds(statistics.p50Nanoseconds), forKey: .p50Nanoseconds)
            try values.encode(wholeNanoseconds(statistics.p90Nanoseconds), forKey: .p90Nanoseconds)
            try values.encode(wholeNanoseconds(statistics.p95Nanoseconds), forKey: .p95Nanoseconds)
            try values.encode(wholeNanoseconds(statistics.p99Nanoseconds), forKey: .p99Nanoseconds)
            try values.encode(statistics.variability, forKey: .variability)
            try values.encodeIfPresent(statistics.averageMemoryDeltaBytes, forKey: .averageMemoryDeltaBytes)
            try values.encode(Data(snapshot.histogram.serialized()).base64EncodedString(), forKey: .histogram)
        }
    }
}

/// Rounds a calculated duration to whole nanoseconds; 0 if it is negative or not a number.
package func wholeNanoseconds(_ value: Double) -> UInt64 {
    UInt64(exactly: max(0, value).rounded()) ?? (value > 1 ? .max : 0)
}
