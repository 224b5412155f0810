import SpanKitPlatform
import SpanKitTestSupport
import Testing

@testable import SpanKitPercentiles

@Suite("Serialized histograms")
struct HistogramSerializationTests {
    static func sample(_ distribution: Distribution = .lognormal, scale: Int = 8) throws -> ExponentialHistogram {
        var histogram = try ExponentialHistogram(scale: scale, unit: .seconds)
        var random = SplitMix64(seed: 77)
        for value in distribution.values(3_000, seed: 4) {
            let delta = random.next() & 1 == 0 ? nil : Int64(bitPattern: random.next()) >> 40
            histogram.record(nanoseconds: value, memoryDelta: delta)
        }
        return histogram
    }

    @Test("reading gives the same histogram", arguments: Distribution.allCases)
    func roundTrip(distribution: Distribution) throws {
        for scale in [-10, 0, 7, 8, 20] {
            let histogram = try Self.sample(distribution, scale: scale)
            #expect(try ExponentialHistogram(serialized: histogram.serialized()) == histogram)
        }
        #expect(try ExponentialHistogram(serialized: ExponentialHistogram().serialized()) == ExponentialHistogram())
    }

    @Test("a bucket in use takes a few bytes")
    func size() throws {
        let histogram = try Self.sample()
        #expect(histogram.serialized().count < 60 + 4 * histogram.buckets.count)
    }

    @Test("every truncation is an error")
    func truncation() throws {
        let bytes = try Self.sample(.twoPoint).serialized()
        for length in 0..<bytes.count {
            #expect(throws: HistogramError.self) { try ExponentialHistogram(serialized: Array(bytes.prefix(length))) }
        }
        #expect(throws: HistogramError.self) { try ExponentialHistogram(serialized: bytes + [0]) }
    }

    @Test("every single flipped bit is detected")
    func bits() throws {
        let bytes = try Self.sample(.twoPoint).serialized()
        for bit in 0..<(bytes.count * 8) {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: HistogramError.self) { try ExponentialHistogram(serialized: damaged) }
        }
    }

    /// Puts a checksum behind whatever bytes, so that the reader goes on to look at them.
    static func sealed(_ body: [UInt8]) -> [UInt8] {
        let checksum = CRC32C.checksum(body)
        return body + (0..<4).map { UInt8(truncatingIfNeeded: checksum >> UInt32(8 * $0)) }
    }

    @Test("100,000 mutations with a valid checksum give an error or a valid histogram, never a trap")
    func mutations() throws {
        let originals = [
            try Self.sample(.twoPoint), try Self.sample(.tiny, scale: 0), try Self.sample(.single),
            try Self.sample(.bimodal, scale: 3),
        ].map { Array($0.serialized().dropLast(4)) }
        let interesting: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF]
        var random = SplitMix64(seed: 2_024)
        var (read, refused) = (0, 0)
        for round in 0..<100_000 {
            var body = originals[round % originals.count]
            for _ in 0...(random.next() % 4) {
                let place = Int(random.next() % UInt64(body.count))
                switch random.next() % 5 {
                case 0: body[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: body[place] = interesting[Int(random.next() % 5)]
                case 2: body.insert(interesting[Int(random.next() % 5)], at: place)
                case 3 where body.count > 8: body.remove(at: place)
                default: body.replaceSubrange(place..., with: repeatElement(0xFF, count: Int(random.next() % 12)))
                }
                if body.isEmpty { body = [0x50] }
            }
            // Most mutations should reach past the magic.
            if round % 8 != 0 { body.replaceSubrange(..<min(4, body.count), with: "PCT1".utf8) }
            do {
                let histogram = try ExponentialHistogram(serialized: Self.sealed(body))
                read += 1
                // Going over all that can be done with it takes a while.
                if read % 32 == 0 { try Self.checkSound(histogram) }
            } catch is HistogramError {
                refused += 1
            }
        }
        #expect(read > 100 && refused > 1_000)
    }

    private static func checkSound(_ histogram: ExponentialHistogram) throws {
        try #require(histogram.bucketCounts.count <= ExponentialHistogram.bucketLimit)
        let total = histogram.bucketCounts.reduce(histogram.zeroCount, &+)
        try #require(total == histogram.count)
        let statistics = OperationStatistics(name: "", histogram: histogram)
        try #require(statistics.count == histogram.count)
        _ = histogram.downscaled(toAtMost: 160).buckets
        var doubled = histogram
        if (try? doubled.merge(histogram)) != nil { try #require(doubled.count == 2 * histogram.count) }
        let again = try ExponentialHistogram(serialized: histogram.serialized())
        try #require(again == histogram)
    }

    @Test("errors say what is wrong and where")
    func messages() throws {
        let message = { (bytes: [UInt8]) -> String in
            do {
                _ = try ExponentialHistogram(serialized: bytes)
                return "no error"
            } catch {
                return String(describing: error)
            }
        }
        #expect(message([]).contains("does not start with \"PCT1\""))
        #expect(message(Array("PCT1".utf8)).contains("ends before the checksum"))
        #expect(message(Array("PCT1....".utf8)).contains("the checksum does not match"))
        #expect(
            message(Self.sealed(Array("PCT1".utf8) + [2])).contains(
                "the format version is 2, and this SpanKit reads version 1"
            )
        )
        #expect(message(Self.sealed(Array("PCT1".utf8) + [1, 9])).contains("unit 9 is unknown"))
        #expect(message(Self.sealed(Array("PCT1".utf8) + [1, 1, 16])).contains("ends before the count"))
        #expect(
            message(Self.sealed(Array("PCT1".utf8) + [1, 1, 16] + [UInt8](repeating: 0xFF, count: 12)))
                .contains("the count does not fit in 64 bits")
        )
    }
}
