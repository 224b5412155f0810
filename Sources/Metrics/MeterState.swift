import SpanKitPlatform
import SpanKitRecording
import Synchronization

/// What the instruments of a meter share.
final class MeterState: Sendable {
    let configuration: MeterConfiguration
    let log: MeterLog
    let recorder: Recorder?
    let memory = CellMemory()
    /// The number of measurements that were refused.
    let refused = Atomic<UInt64>(0)

    init(_ configuration: MeterConfiguration, _ log: MeterLog, _ recorder: Recorder?) {
        self.configuration = configuration
        self.recorder = recorder
        self.log = log
    }

    var cardinalityLimit: Int { min(max(configuration.cardinalityLimit, 1), 1_000_000) }

    /// Creates an instrument with a stream for each view that matches it.
    func makeInstrument(
        _ identity: InstrumentIdentity,
        _ description: String,
        _ buckets: HistogramBuckets,
        _ warnings: inout [String]
    ) -> Instrument {
        var views = configuration.views.filter { $0.matches(identity) }.map(\.stream)
        if views.isEmpty { views = [MetricView.Stream()] }
        var streams: [MetricStream] = []
        for view in views {
            guard let aggregator = aggregator(view.aggregation, identity, buckets, &warnings) else { continue }
            let limit = view.cardinalityLimit.map { min(max($0, 1), 1_000_000) } ?? cardinalityLimit
            streams.append(MetricStream(identity, description, view, aggregator, limit: limit, memory: memory))
        }
        return Instrument(identity, description, buckets, streams, self)
    }

    /// How measurements are combined; nil if they are dropped.
    private func aggregator(
        _ aggregation: MetricView.Aggregation,
        _ identity: InstrumentIdentity,
        _ buckets: HistogramBuckets,
        _ warnings: inout [String]
    ) -> Aggregator? {
        let sum = identity.isFloatingPoint ? Aggregator.floatingPointSum : .integerSum
        switch aggregation {
        case .drop: return nil
        case .sum: return sum
        case .lastValue: return .lastValue
        case .explicitBuckets(let bounds, let recordsExtremes):
            return .distribution(
                bounds: checked(bounds, identity, &warnings),
                recordsExtremes: recordsExtremes
            )
        case .exponentialBuckets(_, _, let recordsExtremes):
            return .distribution(bounds: nil, recordsExtremes: recordsExtremes)
        case .default:
            switch identity.kind {
            case .counter, .upDownCounter, .observableCounter, .observableUpDownCounter: return sum
            case .gauge, .observableGauge: return .lastValue
            case .histogram:
                guard case .explicit(let bounds) = buckets else {
                    return .distribution(bounds: nil, recordsExtremes: true)
                }
                return .distribution(bounds: checked(bounds, identity, &warnings), recordsExtremes: true)
            }
        }
    }

    /// Finite bounds that increase strictly.
    private func checked(
        _ bounds: [Double],
        _ identity: InstrumentIdentity,
        _ warnings: inout [String]
    ) -> [Double] {
        var checked: [Double] = []
        for bound in bounds.filter(\.isFinite).sorted() where bound != checked.last { checked.append(bound) }
        // A last bound of +∞ is a common way to write what is implied.
        if checked != bounds, checked + [.infinity] != bounds {
            warnings.append(
                "histogram '\(identity.name.shortened)': its bounds are not finite numbers that increase; using \(checked.count) of \(bounds.count) bounds in order"
            )
        }
        return checked
    }

    // MARK: Warnings

    private static let nameLimit = 255
    private static let unitLimit = 63

    /// What is wrong with a new instrument's name and unit (OpenTelemetry metrics API, "Instrument name syntax").
    func problems(of identity: InstrumentIdentity) -> [String] {
        var problems: [String] = []
        let name = identity.name.utf8
        let isLetter = { (byte: UInt8) in byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z") }
        let isAllowed = { (byte: UInt8) in
            isLetter(byte) || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") || "_.-/".utf8.contains(byte)
        }
        let rule =
            "OpenTelemetry allows a letter, then at most 254 letters, digits, '_', '.', '-' and '/'; it is exported nevertheless, but receivers may refuse it"
        if name.isEmpty {
            problems.append("an instrument has an empty name; \(rule)")
        } else if name.count > Self.nameLimit {
            problems.append(
                "instrument '\(identity.name.shortened)': its name has \(name.count) bytes; \(rule)"
            )
        } else if name.first.map(isLetter) != true || !name.allSatisfy(isAllowed) {
            problems.append(
                "instrument '\(identity.name.shortened)': its name has other characters than allowed; \(rule)"
            )
        }
        let unit = identity.unit.utf8
        if unit.count > Self.unitLimit || !unit.allSatisfy({ $0 < 0x80 }) {
            problems.append(
                "instrument '\(identity.name.shortened)': its unit '\(identity.unit.shortened)' is not at most 63 ASCII characters; it is exported nevertheless, but receivers may refuse it"
            )
        }
        return problems
    }

    /// How the same instrument was requested differently.
    func conflicts(of known: Instrument, _ description: String, _ buckets: HistogramBuckets) -> [String] {
        var conflicts: [String] = []
        if !description.isEmpty, !description.hasSameBytes(as: known.description) {
            conflicts.append(
                "instrument '\(known.identity.name.shortened)' was created twice with different descriptions; using the first, '\(known.description.shortened)'"
            )
        }
        if known.identity.kind == .histogram, buckets != known.buckets, buckets != .exponential {
            conflicts.append(
                "histogram '\(known.identity.name.shortened)' was created twice with different buckets; using the first"
            )
        }
        return conflicts
    }

    /// The warning for two instruments with one name.
    func conflict(of identity: InstrumentIdentity, with first: InstrumentIdentity) -> String {
        func text(_ identity: InstrumentIdentity) -> String {
            let kind = identity.kind.rawValue.split(separator: "_").joined(separator: " ")
            let number = identity.kind == .counter && identity.isFloatingPoint ? " of floating-point numbers" : ""
            return "\(kind)\(number) with the unit '\(identity.unit.shortened)'"
        }
        return
            "instrument '\(identity.name.shortened)' is a \(text(identity)), but also a \(text(first)); both are exported, but receivers may refuse or mix them: give each its own name"
    }
}
