import SpanKitPlatform

extension ExponentialHistogram {
    // "PCT1" | version | unit | scale | count | sum low, high | min | max | zeros | memory sum | memory count
    // | first bucket index | pairs | (gap, count)… | CRC32C, little-endian. Scale, memory sum and index are zigzag.
    private static let magic: [UInt8] = Array("PCT1".utf8)
    private static let version: UInt8 = 1

    /// The histogram as bytes, which ``init(serialized:)`` reads in this process or another.
    ///
    /// The result is usually a few hundred to a few thousand bytes long.
    public func serialized() -> [UInt8] {
        var bytes = Self.magic
        bytes.append(Self.version)
        bytes.append(unit.rawValue)
        Varint.append(zigzag(Int64(scale)), to: &bytes)
        Varint.append(count, to: &bytes)
        Varint.append(UInt64(truncatingIfNeeded: sumNanoseconds), to: &bytes)
        Varint.append(UInt64(truncatingIfNeeded: sumNanoseconds >> 64), to: &bytes)
        Varint.append(minimumNanoseconds, to: &bytes)
        Varint.append(maximumNanoseconds, to: &bytes)
        Varint.append(zeroCount, to: &bytes)
        Varint.append(zigzag(memorySumBytes), to: &bytes)
        Varint.append(memoryCount, to: &bytes)
        Varint.append(zigzag(Int64(firstBucketIndex)), to: &bytes)
        Varint.append(UInt64(bucketCounts.count(where: { $0 > 0 })), to: &bytes)
        var gap: UInt64 = 0
        for counted in bucketCounts {
            guard counted > 0 else {
                gap += 1
                continue
            }
            Varint.append(gap, to: &bytes)
            Varint.append(counted, to: &bytes)
            gap = 0
        }
        let checksum = CRC32C.checksum(bytes)
        return withUnsafeBytes(of: checksum.littleEndian) { bytes + $0 }
    }

    /// Creates a histogram from the bytes that ``serialized()`` returned, in this process or another.
    /// - Throws: ``HistogramError`` if the bytes are not a serialized histogram, are damaged or have another format
    ///   version.
    public init(serialized bytes: [UInt8]) throws(HistogramError) {
        guard bytes.starts(with: Self.magic) else {
            throw .malformed(offset: 0, reason: "does not start with \"PCT1\"")
        }
        guard bytes.count >= Self.magic.count + 4 else {
            throw .malformed(offset: bytes.count, reason: "ends before the checksum")
        }
        let end = bytes.count - 4
        let stored = bytes[end...].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard CRC32C.checksum(bytes[..<end]) == stored else {
            throw .malformed(offset: end, reason: "the checksum does not match")
        }
        try self.init(verified: bytes[Self.magic.count..<end])
    }

    /// Reads the bytes between the magic number and the checksum.
    init(verified body: ArraySlice<UInt8>) throws(HistogramError) {
        var reader = NumberReader(body)
        let version = try reader.byte("the version")
        guard version == Self.version else {
            throw .unknownVersion(Int(version), supported: Int(Self.version))
        }
        let unitByte = try reader.byte("the unit")
        guard let unit = BucketUnit(rawValue: unitByte) else {
            throw .malformed(offset: 5, reason: "unit \(unitByte) is unknown")
        }
        let scale = try reader.signed("the scale")
        let count = try reader.unsigned("the count")
        let sumLow = try reader.unsigned("the sum")
        let sumHigh = try reader.unsigned("the sum")
        let minimum = try reader.unsigned("the minimum")
        let maximum = try reader.unsigned("the maximum")
        let zeroCount = try reader.unsigned("the zero count")
        let memorySum = try reader.signed("the memory sum")
        let memoryCount = try reader.unsigned("the memory count")
        let firstIndex = try reader.signed("the first bucket index")
        let counts = try Self.readBuckets(&reader)
        guard reader.isAtEnd else {
            throw .malformed(offset: reader.offset, reason: "has more bytes after the last bucket")
        }
        try self.init(
            scale: Int(clamping: scale),
            unit: unit,
            firstBucketIndex: Int(clamping: firstIndex),
            bucketCounts: counts,
            zeroCount: zeroCount,
            sumNanoseconds: UInt128(sumHigh) << 64 | UInt128(sumLow),
            minimumNanoseconds: minimum,
            maximumNanoseconds: maximum,
            memorySumBytes: memorySum,
            memoryCount: memoryCount
        )
        guard self.count == count else {
            throw .inconsistent("its buckets contain \(self.count) durations, but its count is \(count)")
        }
    }

    private static func readBuckets(_ reader: inout NumberReader) throws(HistogramError) -> [UInt64] {
        let start = reader.offset
        let pairs = try reader.unsigned("the number of buckets")
        guard pairs <= UInt64(bucketLimit) else {
            throw .malformed(offset: start, reason: "has \(pairs) buckets; at most \(bucketLimit) are allowed")
        }
        var filled: [(place: Int, count: UInt64)] = []
        var end = 0
        for _ in 0..<pairs {
            let position = reader.offset
            let gap = try reader.unsigned("a bucket's gap")
            guard gap < UInt64(bucketLimit - end) else {
                throw .malformed(offset: position, reason: "covers more than \(bucketLimit) buckets")
            }
            filled.append((end + Int(gap), try reader.unsigned("a bucket's count")))
            end += Int(gap) + 1
        }
        // Memory for the buckets is allocated only after all pairs were read and checked.
        var counts = [UInt64](repeating: 0, count: end)
        for bucket in filled { counts[bucket.place] = bucket.count }
        return counts
    }
}

/// Zigzag: 0, −1, 1, −2, … as 0, 1, 2, 3, ….
private func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: value << 1 ^ value >> 63) }

/// Reads the numbers of a serialized histogram. Every irregularity is an error, never a trap.
private struct NumberReader {
    private let bytes: ArraySlice<UInt8>
    private(set) var offset: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        offset = bytes.startIndex
    }

    var isAtEnd: Bool { offset == bytes.endIndex }

    mutating func byte(_ what: String) throws(HistogramError) -> UInt8 {
        guard offset < bytes.endIndex else { throw .malformed(offset: offset, reason: "ends before \(what)") }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func unsigned(_ what: String) throws(HistogramError) -> UInt64 {
        do {
            return try Varint.read(bytes, at: &offset)
        } catch .unfinished {
            throw .malformed(offset: offset, reason: "ends before \(what)")
        } catch {
            throw .malformed(offset: offset, reason: "\(what) does not fit in 64 bits")
        }
    }

    mutating func signed(_ what: String) throws(HistogramError) -> Int64 {
        let value = try unsigned(what)
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }
}
