import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording

/// Applies the rules of ``TailSampling`` to single spans. Used by the shipper's thread.
struct TailRules {
    private let rules: [TailSampling.Rule]
    private let usual: UsualDurations?
    /// For each number in the string table, its index in ``keys``, or -1 if it is not one of them. Filled as numbers
    /// occur.
    private var knownKeys: [Int8?] = []
    private let keys: [Key]

    private struct Key {
        var name: [UInt8]
        /// nil for ``SamplingKeys/keep``.
        var atLeast: Double?
    }

    /// The largest number that is remembered; the string table has no larger ones.
    private static let largestNumber = 65_535

    init(_ rules: [TailSampling.Rule], engine: PercentileEngine, now: ContinuousClock.Instant) {
        self.rules = rules
        let quantiles = rules.compactMap { rule in
            if case .slowerThanUsual(let quantile, _) = rule { quantile } else { nil }
        }
        usual = quantiles.isEmpty ? nil : UsualDurations(of: engine, quantiles: quantiles, now: now)
        keys =
            [Key(name: Array(SamplingKeys.keep.utf8), atLeast: nil)]
            + rules.compactMap { rule in
                guard case .attribute(let name, let atLeast) = rule else { return nil }
                return Key(name: Array(name.utf8), atLeast: atLeast)
            }
    }

    /// Renews the usual durations. Call this before each batch of spans.
    func advance(to now: ContinuousClock.Instant) { usual?.advance(to: now) }

    /// Why the span's trace is certain to be kept; nil if no rule matches.
    mutating func reason(
        _ record: SpanRecord,
        _ operation: OperationID,
        isLocalRoot: Bool,
        texts: (UInt32) -> UnsafeRawBufferPointer
    ) -> TailSamplingReason? {
        let found = record.header.attributeCount > 0 ? attribute(of: record, texts) : nil
        if found == .keep { return .keep }
        let times = record.header.unixTimes(record.anchor)
        let duration = UInt64(clamping: times.end.subtractingReportingOverflow(times.start).partialValue)
        for rule in rules {
            switch rule {
            case .errors: if record.header.status == .error { return .error }
            case .slow(let limit, let spans):
                guard isLocalRoot || spans == .any, Duration.nanoseconds(Int64(clamping: duration)) >= limit else {
                    continue
                }
                return .slow
            case .slowerThanUsual(let quantile, let spans):
                guard isLocalRoot || spans == .any, let limit = usual?.limit(of: operation, quantile),
                    Double(duration) > limit
                else { continue }
                return .slowerThanUsual
            case .attribute: if found == .attribute { return .attribute }
            }
        }
        return nil
    }

    private mutating func attribute(
        of record: SpanRecord,
        _ texts: (UInt32) -> UnsafeRawBufferPointer
    ) -> TailSamplingReason? {
        var found: TailSamplingReason?
        var entries = Entries(record.payload)
        while let entry = entries.next() {
            guard EntryType.isAttribute(entry.header.type), let key = key(of: entry, texts) else { continue }
            if let atLeast = key.atLeast {
                if let number = entry.number, number >= atLeast { found = .attribute }
            } else if entry.isTrue {
                return .keep
            }
        }
        return found
    }

    private mutating func key(of entry: Entries.Entry, _ texts: (UInt32) -> UnsafeRawBufferPointer) -> Key? {
        let number = Int(entry.header.key)
        guard number != 0 else { return place(of: entry.key).map { keys[$0] } }
        if number < knownKeys.count, let known = knownKeys[number] { return known < 0 ? nil : keys[Int(known)] }
        let place = place(of: texts(entry.header.key))
        if number <= Self.largestNumber {
            while knownKeys.count <= number { knownKeys.append(nil) }
            knownKeys[number] = Int8(clamping: place ?? -1)
        }
        return place.map { keys[$0] }
    }

    private func place(of name: UnsafeRawBufferPointer) -> Int? {
        keys.prefix(Int(Int8.max)).firstIndex { $0.name.elementsEqual(name) }
    }
}

extension Entries.Entry {
    /// Whether the value is `true`, or the text `true` from APIs that only have texts.
    fileprivate var isTrue: Bool {
        switch header.type {
        case EntryType.bool: header.value != 0
        case EntryType.string: data.elementsEqual("true".utf8)
        default: false
        }
    }

    fileprivate var number: Double? {
        switch header.type {
        case EntryType.int: Double(Int64(bitPattern: header.value))
        case EntryType.double: Double(bitPattern: header.value)
        default: nil
        }
    }
}

/// Duration quantiles of every operation in the last three minutes, renewed every ten seconds. Used by the shipper's
/// thread.
final class UsualDurations {
    /// An operation with fewer spans in the window has no usual duration.
    static let leastCount: UInt64 = 100
    private static let partNanoseconds: UInt64 = 30_000_000_000
    private static let parts = 6

    private let engine: PercentileEngine
    private let window: SlidingWindow
    private let quantiles: [Double]
    private let start: ContinuousClock.Instant
    private var next: ContinuousClock.Instant
    /// Nanoseconds by operation, in the order of ``quantiles``.
    private var limits: [OperationID: [Double]] = [:]

    init(of engine: PercentileEngine, quantiles: [Double], now: ContinuousClock.Instant) {
        self.engine = engine
        self.quantiles = quantiles
        start = now
        next = now
        window = SlidingWindow(of: engine, parts: Self.parts, partNanoseconds: Self.partNanoseconds, startingAt: 0)
    }

    func advance(to now: ContinuousClock.Instant) {
        guard now >= next else { return }
        next = now.advanced(by: .seconds(10))
        let nanoseconds = UInt64(clamping: start.duration(to: now).nanoseconds)
        limits.removeAll(keepingCapacity: true)
        for operation in window.snapshot(at: nanoseconds)
        where operation.histogram.count >= Self.leastCount && operation.name != OperationSnapshot.overflowName {
            limits[engine.operation(named: operation.name)] = quantiles.map {
                operation.histogram.quantile($0)?.upperBound ?? .infinity
            }
        }
    }

    /// The quantile in nanoseconds; nil if the operation has no usual duration.
    func limit(of operation: OperationID, _ quantile: Double) -> Double? {
        quantiles.firstIndex(of: quantile).flatMap { limits[operation]?[$0] }
    }
}
