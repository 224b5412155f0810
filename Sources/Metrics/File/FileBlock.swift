import SpanKitPlatform
import Synchronization

/// What a block of a ``MetricFile`` contains. The raw values are part of the file's format.
enum FileBlockType: UInt64 {
    /// Facts about the process, as attributes.
    case process = 1
    /// The name, unit and aggregation of a metric, as attributes.
    case stream = 2
    /// The attributes of a series. Its owner is the stream, and its detail the place of its cell.
    case series = 3
    /// The cells of all stripes.
    case cells = 4
    /// The header of a ``LiveDistribution``. Its owner is the series, and its detail is 1 for negative numbers.
    case distribution = 5
    /// The counts of a distribution. Its owner is the distribution, and its detail says which buckets they are.
    case buckets = 6
    /// The counts of a series at its last reset (``DistributionReading/words``). Its owner is the series.
    case baseline = 7
    /// The counts of octaves (``CoarseCounts``). Its owner is the series.
    case coarse = 8
    /// The last values of series that have ended (``EndRecord``). Its owner is the stream, and its detail the number of the reader.
    case end = 9
}

/// A block of a ``MetricFile``: a header of 128 bytes, then data.
///
/// ```
/// 0   bytes of header and data    8   type, 0 for an unused block       16  place of the owner    24  detail
/// 32  checksum of the data, if the data never changes                   40  checksum of the words above
/// 48, 56, 64, 72  words that change
/// ```
/// The type is stored last, with release order, and cleared first. So a block in the file of a killed process is either complete or unused.
struct FileBlock {
    static let headerBytes = 128

    let header: UnsafeMutableRawPointer

    /// The block with these data.
    init(data: UnsafeMutableRawPointer) { header = data - Self.headerBytes }

    init(header: UnsafeMutableRawPointer) { self.header = header }

    var data: UnsafeMutableRawPointer { header + Self.headerBytes }

    func word(_ number: Int) -> UnsafeMutablePointer<Atomic<UInt64>> { (header + number * 8).atomic }

    func load(_ number: Int) -> UInt64 { word(number).pointee.load(ordering: .relaxed) }

    func store(_ value: UInt64, _ number: Int) { word(number).pointee.store(value, ordering: .releasing) }

    var bytes: Int { Int(clamping: load(0)) }
    var type: UInt64 { word(1).pointee.load(ordering: .acquiring) }
    var owner: Int { Int(clamping: load(2)) }
    var detail: UInt64 { load(3) }
    var checksum: UInt64 { load(4) }

    /// Makes the block visible to readers of the file.
    func commit(_ type: FileBlockType) {
        store(Self.check(load(0), type.rawValue, load(2), load(3), load(4)), 5)
        store(type.rawValue, 1)
    }

    /// Whether the block has this type and its header is not damaged.
    func isValid(_ type: FileBlockType) -> Bool {
        self.type == type.rawValue && load(5) == Self.check(load(0), type.rawValue, load(2), load(3), load(4))
    }

    /// Whether the block is in use and its header is damaged.
    var isDamaged: Bool { type != 0 && FileBlockType(rawValue: type).map { !isValid($0) } ?? true }

    private static func check(_ words: UInt64...) -> UInt64 {
        words.reduce(0x9E37_79B9_7F4A_7C15) { code, word in
            let product = (code ^ word) &* 0xBF58_476D_1CE4_E5B9
            return product ^ product >> 31
        }
    }

    // MARK: Words that change

    /// The places of words that change.
    enum Word {
        /// The start of a series in Unix nanoseconds.
        static let start = 6
        /// The place of the buckets of a distribution; ``outside`` if the file had no room for them.
        static let buckets = 6
        /// The place of the baseline of a series; 0 without one.
        static let baseline = 7
        /// The place of the counts of octaves of a series; 0 without them.
        static let coarse = 8
        /// The flags of a series.
        static let flags = 9
    }

    static let outside = UInt64.max

    /// The flags of a series.
    enum Flag {
        /// The series was removed.
        static let hidden: UInt64 = 1
        /// The file had no room for some of the counts.
        static let incomplete: UInt64 = 2
    }
}
