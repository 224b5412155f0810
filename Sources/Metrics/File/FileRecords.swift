import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// A metric in a ``MetricFile``. Owns its block.
final class StreamRecord: @unchecked Sendable {
    let file: MetricFile
    let block: FileBlock

    /// - Returns: nil if the file has no room.
    init?(_ file: MetricFile, _ facts: StreamFacts) {
        guard let block = file.take(facts.attributes) else { return nil }
        block.commit(.stream)
        self.file = file
        self.block = block
    }

    deinit { file.give(block) }
}

/// A series in a ``MetricFile``. Owns its block. It also keeps the record of its metric, so that the metric's block is not reused before.
///
/// Give the cell or the histograms of the series back before you release the last reference to its record.
final class SeriesRecord: @unchecked Sendable {
    let file: MetricFile
    private let stream: StreamRecord
    private let block: FileBlock
    // The lock of the distribution guards these.
    private var baseline: FileBlock?
    private var coarse: FileBlock?

    /// - Parameter cell: the cell of the series; nil for a histogram.
    /// - Returns: nil if the file has no room, or the cell is not in it.
    init?(_ stream: StreamRecord, _ attributes: [Attribute], start: Int64, cell: UnsafeMutableRawPointer? = nil) {
        file = stream.file
        var place = 0
        if let cell {
            guard file.contains(cell) else { return nil }
            place = UnsafeRawPointer(cell) - UnsafeRawPointer(file.base)
        }
        guard let block = file.take(attributes, owner: file.place(of: stream.block), detail: UInt64(place)) else {
            return nil
        }
        self.stream = stream
        self.block = block
        block.store(UInt64(bitPattern: start), FileBlock.Word.start)
        block.commit(.series)
    }

    deinit {
        for block in [baseline, coarse, block].compactMap(\.self) { file.give(block) }
    }

    /// The place of the series.
    var place: Int { file.place(of: block) }

    func setStart(_ start: Int64) { block.store(UInt64(bitPattern: start), FileBlock.Word.start) }

    /// Marks the series as removed, so that readers of the file leave it out; or as exported again.
    func setHidden(_ isHidden: Bool) { setFlag(FileBlock.Flag.hidden, isHidden) }

    private func setFlag(_ flag: UInt64, _ isSet: Bool) {
        let flags = block.word(FileBlock.Word.flags)
        if isSet {
            flags.pointee.bitwiseOr(flag, ordering: .releasing)
        } else {
            flags.pointee.bitwiseAnd(~flag, ordering: .releasing)
        }
    }

    /// Notes that the file had no room for some of the counts.
    func setIncomplete() {
        guard block.load(FileBlock.Word.flags) & FileBlock.Flag.incomplete == 0 else { return }
        setFlag(FileBlock.Flag.incomplete, true)
        file.countOutside()
    }

    // MARK: Histograms

    /// Stores what was counted before a reset. The caller holds the distribution's lock.
    func setBaseline(_ reading: DistributionReading) {
        let words = reading.words
        guard let made = file.take(bytes: words.count * 8, owner: place, detail: UInt64(words.count)) else {
            return setIncomplete()
        }
        for (number, word) in words.enumerated() { (made.data + number * 8).storeBytes(of: word, as: UInt64.self) }
        made.commit(.baseline)
        block.store(UInt64(file.place(of: made)), FileBlock.Word.baseline)
        if let baseline { file.give(baseline) }
        baseline = made
    }

    /// Stores the count of an octave and the totals of all that are counted by octave. The caller holds the distribution's lock.
    func setCoarse(_ octave: Int, isNegative: Bool, _ count: UInt64, _ totals: CoarseTotals) {
        if coarse == nil, let made = file.take(bytes: CoarseCounts.bytes, owner: place) {
            coarse = made
            made.commit(.coarse)
            block.store(UInt64(file.place(of: made)), FileBlock.Word.coarse)
        }
        guard let coarse, let number = CoarseCounts.number(of: octave, isNegative: isNegative) else {
            return setIncomplete()
        }
        (coarse.data + number * 8).atomic.pointee.store(count, ordering: .relaxed)
        setCoarse(totals)
    }

    /// Stores the totals of all that are counted by octave.
    func setCoarse(_ totals: CoarseTotals) {
        guard let coarse else { return }
        for (number, value) in [totals.sum, totals.minimum, totals.maximum].enumerated() {
            (coarse.data + number * 8).atomic.pointee.store(value.bitPattern, ordering: .relaxed)
        }
    }
}

/// The sum, the smallest and the largest of the numbers that are counted by octave.
struct CoarseTotals {
    var sum = 0.0
    var minimum = Double.infinity
    var maximum = -Double.infinity

    mutating func add(sum more: Double, from low: Double, through high: Double) {
        sum = (sum + more).limitedToFinite
        minimum = Swift.min(minimum, low)
        maximum = Swift.max(maximum, high)
    }

    mutating func forgetExtremes() { (minimum, maximum) = (.infinity, -.infinity) }
}

/// The layout of the counts by octave: the three ``CoarseTotals``, then a count for each octave of the positive numbers, then of the
/// negative ones.
enum CoarseCounts {
    private static let first = -1_152
    private static let octaves = 2_304
    private static let headerWords = 4
    static let bytes = (headerWords + 2 * octaves) * 8

    /// The word of an octave.
    static func number(of octave: Int, isNegative: Bool) -> Int? {
        guard octave >= first, octave < first + octaves else { return nil }
        return headerWords + octave - first + (isNegative ? octaves : 0)
    }

    /// Reads the counts at an address.
    static func read(_ data: UnsafeRawPointer) -> (ExponentBuckets, CoarseTotals) {
        func word(_ number: Int) -> UInt64 { data.load(fromByteOffset: number * 8, as: UInt64.self) }
        var buckets = ExponentBuckets()
        for octave in first..<(first + octaves) {
            for isNegative in [false, true] {
                guard let number = number(of: octave, isNegative: isNegative), word(number) > 0 else { continue }
                buckets.add([octave: word(number)], isNegative: isNegative)
            }
        }
        let totals = CoarseTotals(
            sum: Double(bitPattern: word(0)),
            minimum: Double(bitPattern: word(1)),
            maximum: Double(bitPattern: word(2))
        )
        return (buckets, totals)
    }
}

/// The facts about a metric that a file contains.
struct StreamFacts: Equatable {
    var name: String
    var unit: String
    var description: String
    var kind: Metric.Kind
    var aggregator: Aggregator

    var attributes: [Attribute] {
        var facts: [Attribute] = [
            Attribute("name", .string(name)), Attribute("unit", .string(unit)),
            Attribute("description", .string(description)),
            Attribute("monotonic", .bool(kind == .sum(isMonotonic: true))),
        ]
        switch aggregator {
        case .integerSum: facts.append(Attribute("aggregator", 0))
        case .floatingPointSum: facts.append(Attribute("aggregator", 1))
        case .lastValue: facts.append(Attribute("aggregator", 2))
        case .distribution(let settings):
            facts += [
                Attribute("aggregator", 3), Attribute("extremes", .bool(settings.recordsMinMax)),
                Attribute("scale", .int(Int64(settings.maximumScale))),
                Attribute("buckets", .int(Int64(settings.maximumBuckets))),
            ]
            if let bounds = settings.bounds { facts.append(Attribute("bounds", .array(bounds.map { .double($0) }))) }
        }
        return facts
    }
}

extension StreamFacts {
    /// Reads the attributes; nil if one is missing.
    init?(_ attributes: [Attribute]) {
        func value(_ key: String) -> AttributeValue? { attributes.first { $0.key == key }?.value }
        guard case .string(let name)? = value("name"), case .string(let unit)? = value("unit"),
            case .string(let description)? = value("description"), case .bool(let isMonotonic)? = value("monotonic"),
            case .int(let number)? = value("aggregator")
        else { return nil }
        switch number {
        case 0: (aggregator, kind) = (.integerSum, .sum(isMonotonic: isMonotonic))
        case 1: (aggregator, kind) = (.floatingPointSum, .sum(isMonotonic: isMonotonic))
        case 2: (aggregator, kind) = (.lastValue, .gauge)
        case 3:
            guard case .bool(let extremes)? = value("extremes"), case .int(let scale)? = value("scale"),
                case .int(let buckets)? = value("buckets")
            else { return nil }
            var settings = DistributionSettings(
                recordsMinMax: extremes,
                maximumScale: Int(scale),
                maximumBuckets: Int(buckets)
            )
            if case .array(let bounds)? = value("bounds") {
                settings.bounds = bounds.compactMap { if case .double(let bound) = $0 { bound } else { nil } }
            }
            (aggregator, kind) = (
                .distribution(settings), settings.bounds == nil ? .exponentialHistogram : .histogram
            )
        default: return nil
        }
        (self.name, self.unit, self.description) = (name, unit, description)
    }
}
