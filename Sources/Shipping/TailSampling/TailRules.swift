import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording

/// Applies the rules of ``TailSampling`` to single spans. Used by the shipper's thread.
struct TailRules {
    /// A rule without text, so that checking it counts no references.
    private enum Check {
        case errors
        /// Nanoseconds.
        case slow(atLeast: UInt64, anySpan: Bool)
        /// The index of the quantile in ``UsualDurations``.
        case slowerThanUsual(quantile: Int, anySpan: Bool)
        case attribute
    }

    private let checks: [Check]
    private let usesDurations: Bool
    private let usual: UsualDurations?
    /// For each number in the string table, its index in ``keys``, or -1 if it is not one of them. Filled as numbers
    /// occur.
    private var knownKeys: [Int8?] = []
    /// The keys of the attributes that matter; the first is ``SamplingKeys/keep``.
    private let keys: [[UInt8]]
    /// For each key, the least number that is a reason to keep the trace. The number of the first key is not used.
    private let leastNumbers: [Double]

    /// The largest number that is remembered; the string table has no larger ones.
    private static let largestNumber = 65_535

    init(_ rules: [TailSampling.Rule], engine: PercentileEngine, now: ContinuousClock.Instant) {
        var quantiles: [Double] = []
        var keys = [Array(SamplingKeys.keep.utf8)]
        var leastNumbers = [0.0]
        checks = rules.map { rule in
            switch rule {
            case .errors:
                return .errors
            case .slow(let limit, let spans):
                return .slow(atLeast: limit.nanosecondsRoundedUp, anySpan: spans == .any)
            case .slowerThanUsual(let quantile, let spans):
                quantiles.append(quantile)
                return .slowerThanUsual(quantile: quantiles.count - 1, anySpan: spans == .any)
            case .attribute(let name, let atLeast):
                keys.append(Array(name.utf8))
                leastNumbers.append(atLeast)
                return .attribute
            }
        }
        usesDurations = rules.contains {
            switch $0 {
            case .slow, .slowerThanUsual: true
            case .errors, .attribute: false
            }
        }
        usual = quantiles.isEmpty ? nil : UsualDurations(of: engine, quantiles: quantiles, now: now)
        self.keys = keys
        self.leastNumbers = leastNumbers
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
        let times = usesDurations ? record.header.unixTimes(record.anchor) : (start: 0, end: 0)
        let duration = UInt64(clamping: times.end.subtractingReportingOverflow(times.start).partialValue)
        for check in checks {
            switch check {
            case .errors:
                if record.header.status == .error { return .error }
            case .slow(let limit, let anySpan):
                if isLocalRoot || anySpan, duration >= limit { return .slow }
            case .slowerThanUsual(let quantile, let anySpan):
                guard isLocalRoot || anySpan, let limit = usual?.limit(of: operation, quantile) else { continue }
                if Double(duration) > limit { return .slowerThanUsual }
            case .attribute:
                if found == .attribute { return .attribute }
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
            if key > 0 {
                if let number = entry.number, number >= leastNumbers[key] { found = .attribute }
            } else if entry.isTrue {
                return .keep
            }
        }
        return found
    }

    /// The index of the entry's key in ``keys``.
    @inline(__always)
    private mutating func key(of entry: Entries.Entry, _ texts: (UInt32) -> UnsafeRawBufferPointer) -> Int? {
        let number = Int(entry.header.key)
        if number != 0, number < knownKeys.count, let known = knownKeys[number] { return known < 0 ? nil : Int(known) }
        return lookUpKey(of: entry, texts)
    }

    @inline(never)
    private mutating func lookUpKey(of entry: Entries.Entry, _ texts: (UInt32) -> UnsafeRawBufferPointer) -> Int? {
        let number = Int(entry.header.key)
        guard number != 0 else { return place(of: entry.key) }
        let place = place(of: texts(entry.header.key))
        if number <= Self.largestNumber {
            while knownKeys.count <= number { knownKeys.append(nil) }
            knownKeys[number] = Int8(clamping: place ?? -1)
        }
        return place
    }

    private func place(of name: UnsafeRawBufferPointer) -> Int? {
        keys.prefix(Int(Int8.max)).firstIndex { $0.elementsEqual(name) }
    }
}

extension Duration {
    /// The least number of whole nanoseconds that is not below the duration, within the range of `UInt64`.
    fileprivate var nanosecondsRoundedUp: UInt64 {
        let (seconds, attoseconds) = components
        let fraction = (attoseconds + 999_999_999) / 1_000_000_000
        let whole = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let sum = whole.partialValue.addingReportingOverflow(fraction)
        guard seconds > 0 || seconds == 0 && attoseconds > 0 else { return 0 }
        return whole.overflow || sum.overflow ? .max : UInt64(sum.partialValue)
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
    /// Nanoseconds by operation, in the order of ``quantiles``; infinite for operations without a usual duration.
    private var limits: [Double] = []

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
            let first = Int(engine.operation(named: operation.name).rawValue) * quantiles.count
            while limits.count < first + quantiles.count { limits.append(.infinity) }
            for (position, quantile) in quantiles.enumerated() {
                limits[first + position] = operation.histogram.quantile(quantile)?.upperBound ?? .infinity
            }
        }
    }

    /// The quantile with this index, in nanoseconds; nil if the operation has no usual duration.
    func limit(of operation: OperationID, _ quantile: Int) -> Double? {
        let position = Int(operation.rawValue) * quantiles.count + quantile
        return position < limits.count && limits[position] < .infinity ? limits[position] : nil
    }
}
