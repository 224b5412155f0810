import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording
import Synchronization

/// Reads the ``MetricFile`` of another process: what the instruments of a process had counted when it was killed, or what those of a
/// running process have counted so far.
///
/// It works on a copy of the file and checks every place in it, so a damaged file can cost series but not crash the reader. Names,
/// attributes and the structure of the file have checksums. Counts have none, because they change all the time.
package struct MetricFileReader {
    /// Why a file cannot be read.
    package enum Problem: Error, Equatable {
        /// A system call failed with this error number.
        case system(Int32)
        /// Its process ended before it counted anything.
        case unused
        /// The file is not one of these, or its first bytes are damaged.
        case damaged
        /// The file was written by another version, or on a machine with another byte order.
        case otherFormat(UInt32)
    }

    package let processID: Int32
    package let createdUnixNanoseconds: Int64
    /// When the process was last known to be alive.
    package let lastSeen: Int64
    /// The facts about the process, as given to ``MetricFile``.
    package let process: [Attribute]
    /// Metrics with the last values of series that have ended, in the order in which they were created.
    private var contents: [(metric: Metric, ends: [End])] = []
    /// The number of series that cannot be read, because the file is damaged or had no room for all their counts.
    package private(set) var lostSeries = 0
    /// The number of series with counts outside the file, because it could not grow.
    package let outsideCount: UInt64
    /// The state of each reader and the time of its last collection.
    package private(set) var readers: [(state: MetricFile.ReaderState, collected: Int64)] = []

    package init(path: String) throws(Problem) {
        switch FileSystem.read(path, limit: 1 << 30) {
        case .success(let bytes): try self.init(bytes)
        case .failure(let problem): throw .system(problem.code)
        }
    }

    /// Reads the bytes of a file.
    package init(_ bytes: [UInt8]) throws(Problem) {
        guard bytes.count >= MetricFile.headerBytes else { throw bytes.isEmpty ? .unused : .damaged }
        let image = FileImage(bytes)
        guard image.word(0) == MetricFile.magic else { throw image.word(0) == 0 ? .unused : .damaged }
        let version = image.word(MetricFile.Place.version)
        guard version == UInt64(MetricFile.formatVersion) | 0x0102_0304 << 32 else {
            throw .otherFormat(UInt32(truncatingIfNeeded: version))
        }
        let stripes = Int(clamping: image.word(MetricFile.Place.stripes))
        guard (1...64).contains(stripes), stripes.nonzeroBitCount == 1 else { throw .damaged }
        processID = Int32(truncatingIfNeeded: image.word(MetricFile.Place.process))
        createdUnixNanoseconds = Int64(bitPattern: image.word(MetricFile.Place.created))
        lastSeen = Int64(bitPattern: image.word(MetricFile.Place.lastSeen))
        outsideCount = image.word(MetricFile.Place.outside)
        readers = (0..<MetricFile.readerLimit).map { number in
            let place = MetricFile.Place.readers + number * 16
            return (.init(rawValue: image.word(place)) ?? .none, Int64(bitPattern: image.word(place + 8)))
        }
        let blocks = image.blocks
        guard let first = blocks.first(where: { $0.block.isValid(.process) }), let facts = image.attributes(of: first)
        else { throw .damaged }
        process = facts
        lostSeries = image.isCut ? 1 : 0
        read(image, blocks, stripes: stripes)
    }

    private mutating func read(_ image: FileImage, _ blocks: [FileImage.Placed], stripes: Int) {
        var streams: [Int: StreamFacts] = [:]
        var order: [Int] = []
        var series: [Int: [FileImage.Placed]] = [:]
        var distributions: [Int: [FileImage.Placed]] = [:]
        var ends: [Int: [End]] = [:]
        for placed in blocks {
            if placed.block.isValid(.stream) {
                guard let facts = image.attributes(of: placed).flatMap({ StreamFacts($0) }) else { continue }
                streams[placed.place] = facts
                order.append(placed.place)
            } else if placed.block.isValid(.series) {
                series[placed.block.owner, default: []].append(placed)
            } else if placed.block.isValid(.distribution) {
                distributions[placed.block.owner, default: []].append(placed)
            } else if placed.block.isValid(.end) {
                guard let content = image.attributes(of: placed).flatMap({ EndRecord.Content($0) }) else {
                    lostSeries += 1
                    continue
                }
                ends[placed.block.owner, default: []].append(End(reader: Int(clamping: placed.block.detail), content))
            }
        }
        let damaged = blocks.count { $0.block.isDamaged }
        lostSeries += damaged
        lostSeries += series.filter { streams[$0.key] == nil }.reduce(0) { $0 + $1.value.count }
        let reading = SeriesReading(
            image: image,
            stripes: stripes,
            distributions: damaged == 0 && !image.isCut ? distributions : nil
        )
        for place in order {
            guard let facts = streams[place] else { continue }
            var points: [Metric.Point] = []
            for placed in series[place] ?? [] {
                let flags = placed.block.load(FileBlock.Word.flags)
                guard flags & FileBlock.Flag.hidden == 0 else { continue }
                guard flags & FileBlock.Flag.incomplete == 0, let attributes = image.attributes(of: placed),
                    let value = reading.value(of: placed, facts)
                else {
                    lostSeries += 1
                    continue
                }
                guard let value = value.value else { continue }
                let start = Int64(bitPattern: placed.block.load(FileBlock.Word.start))
                points.append(
                    Metric.Point(value, attributes: attributes, start: facts.kind == .gauge ? nil : start)
                )
            }
            let metric = Metric(
                facts.name,
                description: facts.description,
                unit: facts.unit,
                kind: facts.kind,
                points: points
            )
            contents.append((metric, End.newest(of: ends[place] ?? [])))
        }
    }

    /// The metrics without series that have ended, in the order in which they were created. Their points are cumulative.
    package var metrics: [Metric] { contents.map(\.metric).filter { !$0.points.isEmpty } }

    /// The metrics, and the last values of ended series that a reader may not have sent yet. The points are cumulative.
    ///
    /// If the process was killed between storing the last values of a series and removing the series, only the last values are returned.
    package func metrics(forReader number: Int) -> [Metric] {
        contents.map { metric, ends in
            let own = ends.filter { $0.reader == number }
            guard !own.isEmpty else { return metric }
            let current = metric.points.filter { point in
                !own.contains { $0.attributes == AttributeSet(point.attributes) && $0.content.lastStart == point.start }
            }
            return metric.with(own.map(\.content.point) + current)
        }.filter { !$0.points.isEmpty }
    }
}

/// The last values of a series that has ended.
private struct End {
    let reader: Int
    let content: EndRecord.Content
    let attributes: AttributeSet

    init(reader: Int, _ content: EndRecord.Content) {
        self.reader = reader
        self.content = content
        attributes = AttributeSet(content.point.attributes)
    }

    /// The newest version of each, in the order of time.
    static func newest(of ends: [End]) -> [End] {
        var newest: [UInt64: End] = [:]
        for end in ends where newest[end.content.number]?.content.version ?? 0 < end.content.version {
            newest[end.content.number] = end
        }
        return newest.values.sorted {
            ($0.content.point.time ?? 0, $0.content.number) < ($1.content.point.time ?? 0, $1.content.number)
        }
    }
}

/// Reads the counts of series.
private struct SeriesReading {
    let image: FileImage
    let stripes: Int
    /// The histograms of each series; nil if the file is damaged, because then any series may lack some of its histograms.
    let distributions: [Int: [FileImage.Placed]]?

    /// The value of a series, which is nil for a gauge that was never set.
    struct Value {
        var value: Metric.Value?
    }

    /// - Returns: nil if it cannot be read.
    func value(of series: FileImage.Placed, _ facts: StreamFacts) -> Value? {
        switch facts.aggregator {
        case .integerSum:
            guard let words = cell(of: series) else { return nil }
            return Value(
                value: .int(Int64(clamping: words.reduce(Int128(0)) { $0 + Int128(Int64(bitPattern: $1)) }))
            )
        case .floatingPointSum:
            guard let words = cell(of: series) else { return nil }
            return Value(value: .double(words.reduce(0) { ($0 + Double(bitPattern: $1)).limitedToFinite }))
        case .lastValue:
            guard let bits = cell(of: series)?.first else { return nil }
            return Value(value: LastValueCell.value(of: bits).map { .double($0) })
        case .distribution(let settings):
            return reading(of: series, settings).map { Value(value: $0.value(settings)) }
        }
    }

    /// The parts of a cell.
    private func cell(of series: FileImage.Placed) -> [UInt64]? {
        let place = Int(clamping: series.block.detail)
        let end = place + (stripes - 1) * CellMemory.stripeBytes + 8
        guard place >= MetricFile.headerBytes, place % 8 == 0, end <= image.count else { return nil }
        return (0..<stripes).map { image.word(place + $0 * CellMemory.stripeBytes) }
    }

    private func reading(of series: FileImage.Placed, _ settings: DistributionSettings) -> DistributionReading? {
        guard let distributions else { return nil }
        var reading = DistributionReading()
        var hasUnknownExtremes = false
        for placed in distributions[series.place] ?? [] {
            guard let live = image.distribution(placed, bounds: settings.bounds) else { return nil }
            live.read(into: &reading, isNegative: placed.block.detail == 1)
            if settings.bounds == nil, live.hasUnknownExtremes { hasUnknownExtremes = true }
        }
        let coarse = Int(clamping: series.block.load(FileBlock.Word.coarse))
        if coarse != 0 {
            guard let placed = image.block(at: coarse, .coarse, of: series, bytes: CoarseCounts.bytes) else {
                return nil
            }
            let (octaves, totals) = CoarseCounts.read(placed.block.data)
            reading.add(octaves, totals)
        }
        let baseline = Int(clamping: series.block.load(FileBlock.Word.baseline))
        if baseline != 0 {
            guard let placed = image.block(at: baseline, .baseline, of: series, bytes: 0) else { return nil }
            let count = Int(clamping: placed.block.detail)
            guard count <= (placed.block.bytes - FileBlock.headerBytes) / 8 else { return nil }
            let words = (0..<count).map { image.word(placed.place + FileBlock.headerBytes + $0 * 8) }
            guard let earlier = DistributionReading(words: words) else { return nil }
            reading.subtract(earlier)
            // A reset forgets the extremes of all histograms.
            hasUnknownExtremes = false
        } else if hasUnknownExtremes {
            (reading.minimum, reading.maximum) = (.infinity, -.infinity)
        }
        if reading.zeroCount > 0, !hasUnknownExtremes { reading.note(0, 0) }
        return reading
    }
}

/// A copy of a file. Each place is checked before it is read.
private final class FileImage {
    /// A block and its place.
    struct Placed {
        let place: Int
        let block: FileBlock
    }

    private let base: UnsafeMutableRawPointer
    let count: Int
    /// Whether the file is shorter than its header says.
    private(set) var isCut = false

    init(_ bytes: [UInt8]) {
        count = bytes.count & ~7
        base = UnsafeMutableRawPointer.allocate(byteCount: max(count, 128), alignment: 128)
        bytes.withUnsafeBytes { base.copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: count) }
    }

    deinit { base.deallocate() }

    /// The word at a place that the caller has checked.
    func word(_ place: Int) -> UInt64 { base.load(fromByteOffset: place, as: UInt64.self) }

    /// All blocks up to the first one whose size is damaged.
    var blocks: [Placed] {
        var blocks: [Placed] = []
        let used = Int(clamping: word(MetricFile.Place.used))
        let end = min(used, count)
        isCut = used > count
        var place = MetricFile.headerBytes
        while place < end {
            guard let placed = self.block(at: place) else {
                isCut = true
                break
            }
            blocks.append(placed)
            place += placed.block.bytes
        }
        return blocks
    }

    private func block(at place: Int) -> Placed? {
        guard place >= MetricFile.headerBytes, place % 128 == 0, place <= count - FileBlock.headerBytes else {
            return nil
        }
        let block = FileBlock(header: base + place)
        guard block.bytes >= FileBlock.headerBytes, block.bytes % 128 == 0, block.bytes <= count - place else {
            return nil
        }
        return Placed(place: place, block: block)
    }

    /// The block of a type and an owner at a place, with at least some bytes of data.
    func block(at place: Int, _ type: FileBlockType, of owner: Placed, bytes: Int) -> Placed? {
        guard let placed = block(at: place), placed.block.isValid(type), placed.block.owner == owner.place,
            placed.block.bytes - FileBlock.headerBytes >= bytes
        else { return nil }
        return placed
    }

    /// The attributes in a block; nil if they are damaged.
    func attributes(of placed: Placed) -> [Attribute]? {
        let room = placed.block.bytes - FileBlock.headerBytes
        guard room >= 8 else { return nil }
        let length = word(placed.place + FileBlock.headerBytes)
        guard length <= UInt64(room - 8) else { return nil }
        let bytes = UnsafeRawBufferPointer(start: placed.block.data, count: 8 + Int(length))
        guard UInt64(CRC32C.checksum(bytes)) == placed.block.checksum else { return nil }
        return Entries(UnsafeRawBufferPointer(rebasing: bytes.dropFirst(8))).attributes { _ in .empty }
    }

    /// A histogram whose addresses are those of this copy; nil if it is damaged or partly outside the file.
    func distribution(_ placed: Placed, bounds: [Double]?) -> LiveDistribution? {
        guard placed.block.bytes - FileBlock.headerBytes >= LiveDistribution.headerWords * 8 else { return nil }
        let live = LiveDistribution(placed.block.data)
        let place = placed.block.load(FileBlock.Word.buckets)
        guard place != 0 else { return bounds == nil && live.relocate(nil, first: 0, octaves: 0) ? live : nil }
        guard place != FileBlock.outside,
            let buckets = block(at: Int(clamping: place), .buckets, of: placed, bytes: 0)
        else { return nil }
        let room = (buckets.block.bytes - FileBlock.headerBytes) / 8
        if let bounds {
            guard buckets.block.detail == UInt64(bounds.count + 1), room > bounds.count else { return nil }
            return live.relocateExplicit(buckets.block.data, count: bounds.count + 1) ? live : nil
        }
        let (first, octaves) = (Int(buckets.block.detail >> 32), Int(buckets.block.detail & 0xFFFF_FFFF))
        guard octaves <= LiveDistribution.octaveLimit, first < 4_096, room >= octaves << 8 else { return nil }
        return live.relocate(buckets.block.data, first: first, octaves: octaves) ? live : nil
    }
}
