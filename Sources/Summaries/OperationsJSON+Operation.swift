import Foundation
import SpanKitPercentiles

extension OperationsJSON {
    /// One operation with its distribution.
    ///
    /// In a file the distribution is the truth (`histogram`, base64 of ``ExponentialHistogram/serialized()``); the numbers
    /// beside it are there for other tools and are calculated from it.
    package struct Operation: Codable, Sendable, Equatable {
        /// Name, durations, errors.
        package var snapshot: OperationSnapshot

        /// Wraps what a profiler's `snapshot()` returned.
        package init(_ snapshot: OperationSnapshot) {
            self.snapshot = snapshot
        }

        private enum CodingKeys: String, CodingKey {
            case name, count, errorCount, totalNanoseconds, averageNanoseconds, minimumNanoseconds, maximumNanoseconds
            case p50Nanoseconds, p90Nanoseconds, p95Nanoseconds, p99Nanoseconds, variability
            case averageMemoryDeltaBytes, histogram
        }

        /// Reads an operation.
        /// - Throws: `DecodingError` also when the histogram is damaged or has counted something other than `count`.
        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            let text = try values.decode(String.self, forKey: .histogram)
            guard let bytes = Data(base64Encoded: text) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .histogram,
                    in: values,
                    debugDescription: "is not base64"
                )
            }
            let histogram: ExponentialHistogram
            do {
                histogram = try ExponentialHistogram(serialized: [UInt8](bytes))
            } catch {
                throw DecodingError.dataCorruptedError(
                    forKey: .histogram,
                    in: values,
                    debugDescription: error.description
                )
            }
            let count = try values.decode(UInt64.self, forKey: .count)
            guard histogram.count == count else {
                let reason = "is \(count), but the histogram holds \(histogram.count) durations"
                throw DecodingError.dataCorruptedError(forKey: .count, in: values, debugDescription: reason)
            }
            snapshot = OperationSnapshot(
                name: try values.decode(String.self, forKey: .name),
                histogram: histogram,
                errorCount: try values.decode(UInt64.self, forKey: .errorCount)
            )
        }

        /// Writes an operation.
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

/// A calculated duration as a whole number; zero for what is none.
package func wholeNanoseconds(_ value: Double) -> UInt64 {
    UInt64(exactly: max(0, value).rounded()) ?? (value > 1 ? .max : 0)
}
