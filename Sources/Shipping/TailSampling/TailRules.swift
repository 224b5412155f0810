import SpanKitPercentiles
import SpanKitRecording

/// The rules of ``TailSampling`` as they are asked of one span after the other. Belongs to the shipper's thread.
struct TailRules {
    private let rules: [TailSampling.Rule]
    private let usual: UsualDurations?
    /// What each number of the string table means as a key: a place in ``keys``, -1 for none of them. Filled as numbers come.
    private var knownKeys: [Int8?] = []
    private let keys: [Key]

    private struct Key {
        var name: [UInt8]
        /// nil for ``SamplingKeys/keep``.
        var atLeast: Double?
    }

    /// Of numbers that are remembered; the string table gives no larger ones.
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

    /// To be called before spans are asked for, as often as there are some.
    func advance(to now: ContinuousClock.Instant) { usual?.advance(to: now) }

    /// Why the span's trace is to be kept for certain, if it is.
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
    /// True, or a text that says so, for those whose API has no other values.
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
