import CSpanKit
import CSpanKitZlib
import Foundation
import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Bodies are compressed without searching")
struct TemplateCompressorTests {
    private let compressor = TemplateCompressor()

    /// Compresses, and expects zlib to decompress the same bytes.
    @discardableResult
    private func compress(_ bytes: [UInt8], _ hints: [RepeatHint], _ comment: Comment? = nil) -> [UInt8]? {
        let compressed = bytes.withUnsafeBytes { bytes in
            hints.withUnsafeBufferPointer { compressor.compress(bytes, $0) }
        }
        guard let compressed else { return nil }
        #expect(compressed.count < bytes.count, comment)
        #expect(Inflater.inflate(compressed, limit: bytes.count + 1) == bytes, comment)
        return compressed
    }

    @Test("any bytes with any hints decompress to the same bytes")
    func anyHints() throws {
        var random = SplitMix64(seed: 18)
        let batches = try #require(RandomBatches(seed: 18))
        var compressedCount = 0
        for round in 0..<FuzzRounds.count / 10 {
            let size = Int.random(in: 0...(round % 50 == 0 ? 150_000 : 3_000), using: &random)
            let (bytes, hints) = batches.noise(size: size)
            if compress(bytes, hints, "round \(round)") != nil { compressedCount += 1 }
        }
        #expect(compressedCount > FuzzRounds.count / 40)
    }

    @Test(
        "random spans with every type of value, redacted and not, decompress to their JSON",
        arguments: [false, true]
    )
    func randomSpans(isRedacted: Bool) throws {
        var random = SplitMix64(seed: 19)
        var configuration = RecordingConfiguration()
        configuration.limits.attributeCount = 20
        let recorder = try #require(Recorder.make(configuration))
        defer { recorder.close() }
        let plain = TraceEncoder(
            .json,
            resource: Resource(attributes: [Attribute("service.name", "svc")]),
            scope: .init(name: "s")
        )
        let encoder: any SpanEncoder = isRedacted ? RedactingEncoder(plain, .standard) : plain
        for _ in 0..<FuzzRounds.count / 100 {
            for _ in 0..<Int.random(in: 0...12, using: &random) { RandomSpans.record(recorder, &random) }
            recorder.consume(encoder.encode(recorder, spanLimit: .max, byteLimit: .max))
            compress(Array(encoder.bytes), Array(encoder.hints))
        }
    }

    @Test(
        "bodies of 0 to 5,000 typical spans decompress, and are about as small as zlib's at level 6",
        arguments: [1, 20]
    )
    func typicalSpans(shapes: Int) throws {
        var random = SplitMix64(seed: 20)
        var configuration = RecordingConfiguration()
        configuration.logBytes = 16 * 1_024 * 1_024
        let recorder = try #require(Recorder.make(configuration))
        defer { recorder.close() }
        let encoder = TraceEncoder(.json, resource: Resource(), scope: InstrumentationScope(name: "tests"))
        for count in [0, 1, 2, 3, 10, 100, 511, 512, 2_000, 5_000] {
            if count > 0 { RandomSpans.recordTypical(recorder, shapes: shapes, spans: count - 1, &random) }
            recorder.consume(encoder.encode(recorder, spanLimit: .max, byteLimit: .max))
            #expect(encoder.spanCount == count)
            let bytes = Array(encoder.bytes)
            let compressed = compress(bytes, Array(encoder.hints))
            guard count >= 512 else { continue }
            let zlib = bytes.withUnsafeBytes { GzipCompressor(level: 6).compress($0) }
            let ratio = Double(try #require(compressed).count) / Double(try #require(zlib).count)
            #expect(ratio < (shapes == 1 ? 1.05 : 1.1), "\(count) spans")
        }
    }

    @Test("a compressor that has numbered four billion bytes starts again, with the same results")
    func manyBytes() {
        var random = SplitMix64(seed: 27)
        let old = TemplateCompressor(base: .max - 200_000)
        for round in 0..<20 {
            let word = (0..<40).map { _ in UInt8.random(in: 0...255, using: &random) }
            let bytes = [UInt8]((0..<1_000).map { _ in word }.joined())
            let hints = (0..<1_000).map { RepeatHint(position: 40 * $0, slot: round % 3) }
            let results = [old, TemplateCompressor()].map { compressor in
                bytes.withUnsafeBytes { bytes in
                    hints.withUnsafeBufferPointer { compressor.compress(bytes, $0) }
                }
            }
            #expect(results[0] == results[1], "round \(round)")
            #expect(results[0].flatMap { Inflater.inflate($0, limit: bytes.count + 1) } == bytes, "round \(round)")
        }
    }

    @Test("a long text before the first hint, with more repeated words than there are hints")
    func longStart() {
        var random = SplitMix64(seed: 25)
        let words = (0..<500).map { _ in (0..<5).map { _ in UInt8.random(in: 97...122, using: &random) } }
        let bytes = (0..<100_000).flatMap { _ in words.randomElement(using: &random) ?? [] }
        #expect(
            compress(bytes, [RepeatHint(position: 499_000, slot: 1), RepeatHint(position: 499_500, slot: 1)]) != nil
        )
        #expect(compress(bytes, []) != nil)
    }

    @Test("matches have every length, and no distance over 32 KiB")
    func limits() {
        var random = SplitMix64(seed: 21)
        func noise(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) } }
        for length in [3, 4, 5, 10, 257, 258, 259, 260, 261, 262, 515, 516, 517, 518, 519, 520, 774, 1_000] {
            let piece = noise(length)
            let bytes = [UInt8](repeating: 7, count: 2_000) + piece + [0] + piece
            let hints = [0, 1, 2_000, 2_001 + length].map { RepeatHint(position: $0, slot: $0 < 2_000 ? 0 : 1) }
            let compressed = compress(bytes, hints, "\(length)")
            #expect(compressed != nil)
        }
        for distance in [32_767, 32_768, 32_769, 40_000] {
            let piece = noise(1_000)
            let bytes = piece + noise(distance - 1_000) + piece + [UInt8](repeating: 1, count: 3_000)
            let hints = [0, distance, distance + 1_000, distance + 1_001].map {
                RepeatHint(position: $0, slot: $0 <= distance ? 0 : 1)
            }
            let compressed = compress(bytes, hints, "\(distance)")
            let isFound = (compressed?.count ?? .max) < distance + 500
            #expect(isFound == (distance <= 32_768), "\(distance)")
        }
    }

    @Test("bytes that cannot get smaller are left as they are")
    func incompressible() {
        var random = SplitMix64(seed: 22)
        for count in [0, 1, 100, 70_000] {
            #expect(compress((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }, []) == nil)
        }
    }

    @Test("the result depends on nothing but the body and its hints")
    func pure() {
        let body = Array(String(repeating: "abcdefgh-0123 ", count: 50).utf8)
        let hints = (0..<50).map { RepeatHint(position: 14 * $0, slot: 3) }
        let first = compress(body, hints)
        compress(
            Array(String(repeating: "other", count: 9_000).utf8),
            (0..<9_000).map { RepeatHint(position: 5 * $0, slot: 3) }
        )
        #expect(compress(body, hints) == first)
    }

    @Test("gzip and Python read the bytes")
    func programs() throws {
        let recorder = try #require(Recorder.make(RecordingConfiguration()))
        defer { recorder.close() }
        var random = SplitMix64(seed: 23)
        RandomSpans.recordTypical(recorder, shapes: 20, spans: 600, &random)
        let encoder = TraceEncoder(.json, resource: Resource(), scope: InstrumentationScope(name: "tests"))
        _ = encoder.encode(recorder, spanLimit: .max, byteLimit: .max)
        let folder = TemporaryFolder()
        let compressed = folder.path + "/body.json.gz"
        try Data(try #require(compress(Array(encoder.bytes), Array(encoder.hints)))).write(
            to: URL(filePath: compressed)
        )
        for command in [
            "gzip -dc \(compressed)",
            "python3 -c 'import gzip,sys; sys.stdout.buffer.write(gzip.open(sys.argv[1]).read())' \(compressed)",
        ] {
            let process = Process()
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = ["-c", command]
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let read = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            #expect(read.elementsEqual(encoder.bytes))
        }
    }

    @Test("both comparisons find the first byte that differs, at every place", .enabled(if: spankit_compares_wide()))
    func commonLength() {
        let one = [UInt8](repeating: 7, count: 200)
        var other = one
        for limit in 0...200 {
            #expect(spankit_common_length(one, other, limit) == limit)
            #expect(spankit_wide_common_length(one, other, limit) == limit)
        }
        for place in 0..<200 {
            other[place] = 8
            for limit in [place, place + 1, 200] {
                #expect(spankit_common_length(one, other, limit) == min(place, limit))
                #expect(spankit_wide_common_length(one, other, limit) == min(place, limit))
            }
            other[place] = 7
        }
    }

    @Test("the checksum is that of zlib, for every length and alignment")
    func checksum() {
        var random = SplitMix64(seed: 24)
        let bytes = (0..<1_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        bytes.withUnsafeBytes { bytes in
            for start in 0..<17 {
                for count in Array(0...200) + [511, 512, 900] {
                    let slice = UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
                    let expected = crc32(0, slice.bindMemory(to: UInt8.self).baseAddress, UInt32(count))
                    #expect(spankit_crc32(slice.baseAddress, count) == UInt32(truncatingIfNeeded: expected))
                }
            }
        }
    }
}

@Suite("Huffman codes are complete and as short as possible")
struct HuffmanCodeTests {
    @Test("random frequencies", arguments: [7, 14])
    func random(longest: Int) {
        var random = SplitMix64(seed: UInt64(longest))
        for round in 0..<2_000 {
            let symbols = Int.random(in: 2...(longest == 7 ? 19 : 286), using: &random)
            var frequencies = (0..<symbols).map { _ in
                Bool.random(using: &random)
                    ? 0 : UInt32.random(in: 0...(1 << UInt32.random(in: 0...20, using: &random)), using: &random)
            }
            frequencies[0] = 1
            frequencies[symbols - 1] = 1
            let code = HuffmanCode(frequencies, longest: longest)
            #expect(code.lengths.count == symbols)
            check(code, frequencies, longest, "round \(round)")
        }
    }

    @Test("frequencies that would need longer codes than allowed")
    func fibonacci() {
        var frequencies: [UInt32] = [1, 1]
        while frequencies.count < 40 {
            frequencies.append(frequencies[frequencies.count - 1] + frequencies[frequencies.count - 2])
        }
        for longest in [6, 7, 9, 14] {
            let code = HuffmanCode(frequencies, longest: longest)
            #expect(code.lengths.max() == UInt8(longest), "the limit is reached")
            check(code, frequencies, longest, "\(longest)")
        }
    }

    private func check(_ code: HuffmanCode, _ frequencies: [UInt32], _ longest: Int, _ comment: Comment) {
        #expect(code.lengths.allSatisfy { Int($0) <= longest }, comment)
        #expect(zip(code.lengths, frequencies).allSatisfy { ($0 > 0) == ($1 > 0) }, comment)
        let sum = code.lengths.filter { $0 > 0 }.reduce(0) { $0 + 1 << (longest - Int($1)) }
        #expect(sum == 1 << longest, comment)
        // Never shorter than the entropy, and within one bit of it for each symbol unless the limit forbids it.
        let total = Double(frequencies.reduce(0) { $0 + UInt64($1) })
        let entropy = frequencies.filter { $0 > 0 }.reduce(0.0) { $0 - Double($1) * log2(Double($1) / total) }
        let bits = Double(code.bitCount(frequencies))
        #expect(bits >= entropy - 1e-6 * entropy, comment)
        let isLimited = code.lengths.contains { Int($0) == longest }
        if !isLimited { #expect(bits <= entropy + total, comment) }
    }
}
