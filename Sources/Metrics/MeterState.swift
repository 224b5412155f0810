import CSpanKit
import SpanKitPlatform
import SpanKitRecording
import Synchronization

/// The instruments of a meter and the state that they share.
package final class MeterState: Sendable {
    struct Instruments {
        /// By exact name, unit and kind. Each spelling of a name has its own entry.
        var byText = CodeTable<(name: String, unit: String, instrument: Instrument)>()
        var byIdentity: [InstrumentIdentity: Instrument] = [:]
        var inOrder: [Instrument] = []
        var observables: [(instrument: Instrument, callbacks: [ObservableCallback])] = []
        /// The first instrument of each name in lower case.
        var firstByName: [ByteText: InstrumentIdentity] = [:]
        /// The first of each name that was created with the meter's own functions.
        var createdByName: [ByteText: InstrumentIdentity] = [:]
        /// What is known of names before there is an instrument.
        var descriptions: [ByteText: MetricDescription] = [:]
        /// What is returned when there are too many instruments, by kind.
        var beyondLimit: [BeyondLimit: Instrument] = [:]
    }

    struct BeyondLimit: Hashable {
        let kind: InstrumentKind
        let isFloatingPoint: Bool
    }

    let configuration: MeterConfiguration
    let log: MeterLog
    let recorder: Recorder?
    let memory: CellMemory
    let instruments = Locked(Instruments())
    let collectors = MetricCollectors()
    /// See ``TelemetryMeter/companion(_:)``.
    let companion = Locked<(any MeterCompanion)?>(nil)
    /// The number of measurements that were refused.
    let refused = Atomic<UInt64>(0)
    /// The process that the counts belong to, as numbered by `spankit_forks()`.
    let process = Atomic<UInt64>(spankit_forks())
    let becomingOwn = Locked(false)

    init(_ configuration: MeterConfiguration, _ log: MeterLog, _ recorder: Recorder?, _ file: MetricFile?) {
        self.configuration = configuration
        memory = CellMemory(file: file)
        self.recorder = recorder
        self.log = log
        registerForFork()
    }

    /// The instrument of a name, a unit and a kind, created if necessary.
    func instrument(
        _ name: String,
        _ unit: String,
        _ description: String,
        _ kind: InstrumentKind,
        isFloatingPoint: Bool,
        isCreatedByProgram: Bool = true,
        _ buckets: HistogramBuckets = .exponential
    ) -> Instrument {
        let code = Code.mix(Code.of(name), Code.of(unit)) ^ (isFloatingPoint ? 1 : 0)
        let known = instruments.withLock { instruments in
            let known = instruments.byText.first(code) {
                $0.instrument.identity.kind == kind && $0.instrument.identity.isFloatingPoint == isFloatingPoint
                    && $0.name.hasSameBytes(as: name) && $0.unit.hasSameBytes(as: unit)
            }
            if isCreatedByProgram { known?.instrument.isKept = true }
            return known
        }
        if let known = known?.instrument {
            if description.hasSameBytes(as: known.description), kind != .histogram || buckets == known.buckets {
                return known
            }
            for warning in conflicts(of: known, description, buckets) { log(.warning, warning) }
            return known
        }
        let identity = InstrumentIdentity(name: name, unit: unit, kind: kind, isFloatingPoint: isFloatingPoint)
        var warnings: [String] = []
        let instrument = instruments.withLock { instruments in
            let known = instruments.byIdentity[identity]
            if known == nil, instruments.inOrder.count >= instrumentLimit {
                if instruments.beyondLimit.isEmpty {
                    warnings.append(
                        "there are more than \(instrumentLimit) instruments; '\(identity.name.shortened)' and further ones record nothing. Put what makes the names different into attributes, or raise instrumentLimit"
                    )
                }
                return beyondLimit(kind, isFloatingPoint: isFloatingPoint, in: &instruments)
            }
            if isCreatedByProgram, instruments.createdByName[identity.foldedName] == nil {
                instruments.createdByName[identity.foldedName] = identity
            }
            if let known {
                warnings += conflicts(of: known, description, buckets)
            } else {
                warnings += problems(of: identity)
                if let first = instruments.firstByName[identity.foldedName] {
                    warnings.append(conflict(of: identity, with: first))
                } else {
                    instruments.firstByName[identity.foldedName] = identity
                }
            }
            let instrument = known ?? makeInstrument(identity, description, buckets, &warnings)
            if isCreatedByProgram { instrument.isKept = true }
            if known == nil {
                instruments.byIdentity[identity] = instrument
                instruments.inOrder.append(instrument)
            }
            // Other spellings are looked up by identity when there are many.
            if instruments.byText.count < 2 * instruments.inOrder.count + 100 {
                instruments.byText.insert(code, (name, unit, instrument))
            }
            return instrument
        }
        // Unlocked, because the log may be the program's own, which may use metrics.
        for warning in warnings { log(.warning, warning) }
        return instrument
    }

    /// An instrument that records nothing.
    private func beyondLimit(
        _ kind: InstrumentKind,
        isFloatingPoint: Bool,
        in instruments: inout Instruments
    ) -> Instrument {
        let key = BeyondLimit(kind: kind, isFloatingPoint: isFloatingPoint)
        if let known = instruments.beyondLimit[key] { return known }
        let identity = InstrumentIdentity(name: "", unit: "", kind: kind, isFloatingPoint: isFloatingPoint)
        let made = Instrument(identity, "", .exponential, [], self, isBeyondLimit: true)
        instruments.beyondLimit[key] = made
        return made
    }

    /// Removes instruments that the program cannot use any more, because it has not kept them and they have no series.
    func removeUnused(_ candidates: [Instrument]) {
        guard !candidates.isEmpty else { return }
        instruments.withLock { instruments in
            let retired = candidates.filter { !$0.isKept && $0.retire() }
            guard !retired.isEmpty else { return }
            let identifiers = Set(retired.map(ObjectIdentifier.init))
            instruments.inOrder.removeAll { identifiers.contains(ObjectIdentifier($0)) }
            instruments.byText.removeAll { identifiers.contains(ObjectIdentifier($0.instrument)) }
            for instrument in retired {
                let identity = instrument.identity
                instruments.byIdentity[identity] = nil
                if instruments.firstByName[identity.foldedName] == identity {
                    instruments.firstByName[identity.foldedName] = nil
                }
            }
        }
    }

    var instrumentLimit: Int { min(max(configuration.instrumentLimit, 1), 1_000_000) }

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
            streams.append(MetricStream(identity, description, view, aggregator, limit: limit))
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
        var aggregation = aggregation
        if identity.kind.isObservable, !(aggregation == .default || aggregation == .drop) {
            warnings.append(
                "view of the instrument '\(identity.name.shortened)': an observable instrument has no other aggregation than default and drop; using default"
            )
            aggregation = .default
        }
        switch aggregation {
        case .drop: return nil
        case .sum: return sum
        case .lastValue: return .lastValue
        case .explicitBuckets(let bounds, let recordsMinMax):
            let bounds = checked(bounds, identity, &warnings)
            return .distribution(DistributionSettings(bounds: bounds, recordsMinMax: recordsMinMax))
        case .exponentialBuckets(let maximumBuckets, let maximumScale, let recordsMinMax):
            var settings = DistributionSettings(recordsMinMax: recordsMinMax)
            if let maximumBuckets { settings.maximumBuckets = min(max(maximumBuckets, 2), settings.maximumBuckets) }
            if let maximumScale { settings.maximumScale = min(max(maximumScale, -10), settings.maximumScale) }
            return .distribution(settings)
        case .default:
            switch identity.kind {
            case .counter, .upDownCounter, .observableCounter, .observableUpDownCounter: return sum
            case .gauge, .observableGauge: return .lastValue
            case .histogram:
                guard case .explicit(let bounds) = buckets else { return .distribution(DistributionSettings()) }
                return .distribution(DistributionSettings(bounds: checked(bounds, identity, &warnings)))
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
