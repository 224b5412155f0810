import Foundation
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Compressed bodies are what zlib, gzip and Python decompress")
struct CompressionFuzzTests {
    /// `SPANKIT_FUZZ=10000000` tries ten million batches.
    @Test("random batches with right and wrong hints", arguments: [UInt64(1), 2])
    func randomBatches(seed: UInt64) throws {
        let batches = try #require(RandomBatches(seed: seed))
        let folder = TemporaryFolder()
        let (sample, plain) = (folder.path + "/sample.gz", folder.path + "/sample")
        for path in [sample, plain] { try Data().write(to: URL(filePath: path)) }
        let (files, texts) = (
            try #require(FileHandle(forWritingAtPath: sample)), try #require(FileHandle(forWritingAtPath: plain))
        )
        var template = TemplateCompressor()
        var compressed = 0
        let rounds = FuzzRounds.isUsual ? 4_000 : FuzzRounds.count / 2
        for round in 0..<rounds {
            let (bytes, hints) = batches.next()
            // New ones and used ones, because a compressor keeps its tables.
            if round % 1_000 == 0 { template = TemplateCompressor() }
            let result = bytes.withUnsafeBytes { bytes in
                hints.withUnsafeBufferPointer { template.compress(bytes, $0) }
            }
            guard let result else { continue }
            compressed += 1
            let isEqual = bytes.withUnsafeBytes { Inflater.isEqual(result, $0) }
            #expect(isEqual && result.count < bytes.count, "seed \(seed), round \(round)")
            // Members that follow each other are one file (RFC 1952, section 2.2).
            if round % max(1, rounds / 1_000) == 0 {
                try files.write(contentsOf: result)
                try texts.write(contentsOf: bytes)
            }
        }
        #expect(compressed > rounds / 4)
        try files.close()
        try texts.close()
        for command in [
            "gzip -t \(sample) && gzip -dc \(sample) | cmp - \(plain)", "zcat \(sample) | cmp - \(plain)",
            "python3 -c 'import gzip,sys; sys.stdout.buffer.write(gzip.open(sys.argv[1]).read())' \(sample) | cmp - \(plain)",
        ] {
            let process = Process()
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = ["-c", command]
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0, "\(command)")
        }
    }
}
