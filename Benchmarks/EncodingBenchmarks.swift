import CZlib
import Foundation
import OTLP
import Recording
import Shipping

/// The encoder against copying its output, and against the compressor that follows it.
enum EncodingBenchmarks {
    private static let spanCount = 512

    static func rows() -> [BenchmarkRow] {
        guard let recorder = Recorder.make(RecordingConfiguration()) else { return [] }
        for number in 0..<spanCount {
            let span = recorder.begin("step_2_load_messages")
            span.set("okr.messages", number)
            span.set("okr.phase", "discovery")
            span.set("okr.confidence", 0.5)
            span.end()
        }
        return Encoding.allCases.flatMap { encoding -> [BenchmarkRow] in
            let encoder = TraceEncoder(encoding, resource: Resource(), scope: InstrumentationScope(name: "benchmarks"))
            _ = encoder.encode(recorder, spanLimit: .max, byteLimit: .max)
            let bytes = Array(encoder.bytes)
            var copy = [UInt8](repeating: 0, count: bytes.count)
            let compressor = Deflater()
            let redacting = RedactingEncoder(encoder, .standard)
            return [
                BenchmarkRow.compare(
                    "redaction, nothing found, and encode \(encoding) / encode \(encoding)",
                    bar: encoding == .json ? 1.5 : nil,
                    units: spanCount,
                    repetitions: 201,
                    measured: { _ = redacting.encode(recorder, spanLimit: .max, byteLimit: .max) },
                    reference: { _ = encoder.encode(recorder, spanLimit: .max, byteLimit: .max) }
                ),
                BenchmarkRow.compare(
                    "encode \(encoding) / memcpy of the same bytes",
                    bar: encoding == .json ? 8 : nil,
                    units: spanCount,
                    repetitions: 201,
                    measured: { _ = encoder.encode(recorder, spanLimit: .max, byteLimit: .max) },
                    reference: {
                        copy.withUnsafeMutableBytes { target in
                            bytes.withUnsafeBytes { target.copyMemory(from: $0) }
                        }
                    }
                ),
                BenchmarkRow.compare(
                    "encode \(encoding) and zlib-1 / zlib-1 of the same bytes",
                    bar: encoding == .json ? 1.08 : nil,
                    units: spanCount,
                    repetitions: 101,
                    measured: {
                        _ = encoder.encode(recorder, spanLimit: .max, byteLimit: .max)
                        compressor.compress(encoder.bytes)
                    },
                    reference: { bytes.withUnsafeBytes { compressor.compress($0) } }
                ),
            ] + (encoding == .json ? [decoding(bytes, against: compressor)] : [])
        }
    }

    private static func decoding(_ bytes: [UInt8], against compressor: Deflater) -> BenchmarkRow {
        BenchmarkRow.compare(
            "decode json / zlib-1 of the same bytes",
            bar: nil,
            units: spanCount,
            repetitions: 101,
            measured: {
                var decoder = TraceDecoder()
                decoder.decode(bytes) { _ in }
                precondition(decoder.spanCount == spanCount)
            },
            reference: { bytes.withUnsafeBytes { compressor.compress($0) } }
        )
    }

    /// zlib at level 1, state made once, as the shipper uses it.
    private final class Deflater {
        private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        private var buffer = [UInt8](repeating: 0, count: 1 << 20)

        init() {
            stream.initialize(to: z_stream())
            _ = spankit_gzip_init(stream, 1)
        }

        func compress(_ bytes: UnsafeRawBufferPointer) {
            deflateReset(stream)
            buffer.withUnsafeMutableBufferPointer { buffer in
                stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
                stream.pointee.avail_in = UInt32(bytes.count)
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = UInt32(buffer.count)
                _ = deflate(stream, Z_FINISH)
            }
        }
    }
}
