import CSpanKitZlib
import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitRecording
import SpanKitShipping

/// The encoder compared with copying its output and with the compressor.
enum EncodingBenchmarks {
    private static let spanCount = 512

    /// A typical message with digits, hyphens, dots and capitals, which redaction detectors examine.
    private static let message = """
        Our objective for the third quarter is to make onboarding feel effortless for new customers. Key results: raise \
        activation from 42 % to 60 %, cut the median time to first value from 5 days to 2, and bring support tickets per \
        new account below 0.3. A well-known checklist, shorter e-mails and better defaults will do it; Anna and Ben own the \
        first two, and the backlog is reviewed every Monday at 9:30.
        """

    /// A recorder with spans of three attributes, one of which is a text.
    static func recorder(text: String) -> Recorder? {
        guard let recorder = Recorder.make(RecordingConfiguration()) else { return nil }
        for number in 0..<spanCount {
            let span = recorder.begin("step_2_load_messages")
            span.set("okr.messages", number)
            span.set("okr.phase", text)
            span.set("okr.confidence", 0.5)
            span.end()
        }
        return recorder
    }

    static func rows() -> [BenchmarkRow] {
        guard let recorder = recorder(text: "discovery"), let wordy = Self.recorder(text: message) else { return [] }
        return Encoding.allCases.flatMap { encoding -> [BenchmarkRow] in
            let encoder = TraceEncoder(encoding, resource: Resource(), scope: InstrumentationScope(name: "benchmarks"))
            _ = encoder.encode(recorder, spanLimit: .max, byteLimit: .max)
            let bytes = Array(encoder.bytes)
            var copy = [UInt8](repeating: 0, count: bytes.count)
            let compressor = Deflater()
            let redacting = RedactingEncoder(encoder, .standard)
            return [
                BenchmarkRow.compare(
                    "redact without a match and encode \(encoding) / encode",
                    bar: encoding == .json ? 1.5 : nil,
                    units: spanCount,
                    repetitions: 201,
                    measured: { _ = redacting.encode(recorder, spanLimit: .max, byteLimit: .max) },
                    reference: { _ = encoder.encode(recorder, spanLimit: .max, byteLimit: .max) }
                ),
                BenchmarkRow.compare(
                    "same with texts of \(message.count) characters, \(encoding)",
                    bar: nil,
                    units: spanCount,
                    repetitions: 201,
                    measured: { _ = redacting.encode(wordy, spanLimit: .max, byteLimit: .max) },
                    reference: { _ = encoder.encode(wordy, spanLimit: .max, byteLimit: .max) }
                ),
                BenchmarkRow.compare(
                    "encode \(encoding) / memcpy of the output",
                    bar: encoding == .json ? 8 : nil,
                    units: spanCount,
                    repetitions: 201,
                    reason:
                        "the encoder also leaves the compressor's hints: 83 ns instead of 62 ns, for compression in a fifth of the time",
                    measured: { _ = encoder.encode(recorder, spanLimit: .max, byteLimit: .max) },
                    reference: {
                        copy.withUnsafeMutableBytes { target in
                            bytes.withUnsafeBytes { target.copyMemory(from: $0) }
                        }
                    }
                ),
                BenchmarkRow.compare(
                    "encode \(encoding) and compress (zlib 1) / compress",
                    bar: encoding == .json ? 1.08 : nil,
                    units: spanCount,
                    repetitions: 101,
                    reason: "as in the row above: the hints take 2 % of the time, and zlib does not use them",
                    measured: {
                        _ = encoder.encode(recorder, spanLimit: .max, byteLimit: .max)
                        compressor.compress(encoder.bytes)
                    },
                    reference: { bytes.withUnsafeBytes { _ = compressor.compress($0) } }
                ),
            ] + (encoding == .json ? [decoding(bytes, against: compressor)] : [])
        }
    }

    private static func decoding(_ bytes: [UInt8], against compressor: Deflater) -> BenchmarkRow {
        BenchmarkRow.compare(
            "decode json / compress (zlib 1)",
            bar: 0.5,
            units: spanCount,
            repetitions: 101,
            reason:
                "half of the time is members and texts, a third is memory and reference counts of spans, a seventh finds the object's end",
            measured: {
                var decoder = TraceDecoder()
                decoder.decode(bytes) { _ in }
                precondition(decoder.spanCount == spanCount)
            },
            reference: { bytes.withUnsafeBytes { _ = compressor.compress($0) } }
        )
    }
}

/// A zlib compressor that is reused, as in the shipper.
final class Deflater {
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var buffer = [UInt8](repeating: 0, count: 1 << 20)

    init(level: Int32 = 1) {
        stream.initialize(to: z_stream())
        _ = spankit_gzip_init(stream, level)
    }

    /// The compressed bytes.
    func compressed(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        let count = compress(bytes)
        return Array(buffer[..<count])
    }

    /// - Returns: the number of compressed bytes.
    @discardableResult
    func compress(_ bytes: UnsafeRawBufferPointer) -> Int {
        deflateReset(stream)
        return buffer.withUnsafeMutableBufferPointer { buffer in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(bytes.count)
            stream.pointee.next_out = buffer.baseAddress
            stream.pointee.avail_out = UInt32(buffer.count)
            _ = deflate(stream, Z_FINISH)
            return buffer.count - Int(stream.pointee.avail_out)
        }
    }
}
