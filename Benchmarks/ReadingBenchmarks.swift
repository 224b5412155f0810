import CSpanKitZlib
import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitShipping

/// Reading a file of spans: with several threads compared with one, and in gzip compared with decompressing alone.
enum ReadingBenchmarks {
    private static let spansInBody = 512
    private static let bodyCount = 256

    static func rows() throws -> [BenchmarkRow] {
        guard let recorder = EncodingBenchmarks.recorder(text: "discovery") else {
            throw BenchmarkError("there is no memory for a recorder")
        }
        let encoder = TraceEncoder(.json, resource: Resource(), scope: InstrumentationScope(name: "benchmarks"))
        _ = encoder.encode(recorder, spanLimit: spansInBody, byteLimit: .max)
        let line = encoder.bytes + [0x0A]
        let text = [UInt8]((0..<bodyCount).map { _ in line }.joined())
        let noHints = UnsafeBufferPointer<RepeatHint>(start: nil, count: 0)
        let gzip = text.withUnsafeBytes { GzipCompressor(level: 6).compress($0, hints: noHints) }
        guard let gzip else { throw BenchmarkError("there is no memory for zlib") }
        let folder = FileManager.default.temporaryDirectory
        let path = folder.appending(path: "spankit-bench-\(getpid()).jsonl").path
        defer { for path in [path, path + ".gz"] { try? FileManager.default.removeItem(atPath: path) } }
        for (path, bytes) in [(path, text), (path + ".gz", gzip)] {
            guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else {
                throw BenchmarkError("\(path): cannot be written")
            }
        }
        let body = Array(line)
        let spans = bodyCount * spansInBody
        return [
            BenchmarkRow.compare(
                "read a file with a thread for each core / with one thread",
                bar: 0.59,
                units: spans,
                repetitions: 9,
                reason: sharedCore,
                measured: { read(path, workers: ParallelReader<Int>.usualWorkers) },
                reference: { read(path, workers: 0) }
            ),
            BenchmarkRow.compare(
                "decode on two threads that share nothing / on one",
                bar: nil,
                units: spans,
                repetitions: 9,
                measured: {
                    DispatchQueue.concurrentPerform(iterations: 2) { _ in decode(body, times: bodyCount / 2) }
                },
                reference: { decode(body, times: bodyCount) }
            ),
            BenchmarkRow.compare(
                "read a file in gzip / decompress it with zlib",
                bar: 1,
                units: spans,
                repetitions: 9,
                reason: decodingTakesLonger,
                measured: { read(path + ".gz", workers: ParallelReader<Int>.usualWorkers) },
                reference: { inflateAll(gzip) }
            ),
        ]
    }

    private static let sharedCore =
        "the row below, two threads that share nothing, shows what the processors of the machine allow"
    private static let decodingTakesLonger =
        "decoding takes four times as much processor time as zlib, and goes on at the same time on the other processors"

    private static func read(_ path: String, workers: Int) {
        var reader = ParallelReader<Int>(make: { 0 }, add: { count, _ in count += 1 })
        reader.workers = workers
        var count = 0
        guard let input = try? InputBytes(path: path) else { fatalError("\(path) cannot be read") }
        _ = reader.read(input) { count += $0 }
        precondition(count == bodyCount * spansInBody)
    }

    private static func decode(_ body: [UInt8], times: Int) {
        var decoder = TraceDecoder()
        for _ in 0..<times { decoder.decode(body) { _ in } }
        precondition(decoder.spanCount == times * spansInBody)
    }

    private static func inflateAll(_ bytes: [UInt8]) {
        // Allocated separately, because zlib keeps the address.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        precondition(spankit_inflate_init(stream) == Z_OK)
        var bytes = bytes
        var plain = [UInt8](repeating: 0, count: 64 * 1_024)
        var status = Z_OK
        bytes.withUnsafeMutableBufferPointer { bytes in
            stream.pointee.next_in = bytes.baseAddress
            stream.pointee.avail_in = UInt32(bytes.count)
            while status == Z_OK {
                plain.withUnsafeMutableBufferPointer { plain in
                    stream.pointee.next_out = plain.baseAddress
                    stream.pointee.avail_out = UInt32(plain.count)
                    status = inflate(stream, Z_NO_FLUSH)
                }
            }
        }
        precondition(status == Z_STREAM_END)
        inflateEnd(stream)
        stream.deallocate()
    }
}
