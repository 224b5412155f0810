import Foundation
import SpanKitTestSupport
import Testing

@testable import SpanKitInputs

@Suite("Reading files")
struct InputBytesTests {
    /// All that comes before the end or the damage, and what the damage is.
    private func read(_ bytes: [UInt8]) throws -> (text: String, problem: String?) {
        let folder = TemporaryFolder()
        defer { folder.remove() }
        try Data(bytes).write(to: URL(filePath: folder.path("input")))
        return drain(try InputBytes(path: folder.path("input")))
    }

    private func drain(_ input: InputBytes) -> (text: String, problem: String?) {
        var all: [UInt8] = []
        do {
            while let bytes = try input.next() { all += bytes }
            return (String(decoding: all, as: UTF8.self), nil)
        } catch {
            return (String(decoding: all, as: UTF8.self), error.description)
        }
    }

    private let lines = (0..<9_000).map { "line \($0 &* 2_654_435_761)\n" }.joined()

    @Test("Plain files, gzip, and several gzip streams in one file")
    func forms() throws {
        let zipped = Gzip.compress(Array(lines.utf8))
        #expect(try read(Array(lines.utf8)) == (lines, nil))
        #expect(try read(zipped) == (lines, nil))
        #expect(try read(zipped + zipped) == (lines + lines, nil))
        #expect(try read([]) == ("", nil))
    }

    @Test("Text after a gzip stream is read, zeros are padding, and other data is reported")
    func afterGzip() throws {
        let zipped = Gzip.compress(Array(lines.utf8))
        #expect(try read(zipped + Array(lines.utf8)) == (lines + lines, nil))
        #expect(try read(zipped + Array("größe\n".utf8)) == (lines + "größe\n", nil))
        let zeros = [UInt8](repeating: 0, count: 100_000)
        #expect(try read(zipped + zeros) == (lines, nil))
        #expect(try read(zipped + zeros + zipped + zeros + Array("end".utf8)) == (lines + lines + "end", nil))
        for (count, size) in [(1, "1 byte"), (200_000, "200000 bytes")] {
            let (text, problem) = try read(zipped + [UInt8](repeating: 7, count: count))
            #expect(text == lines)
            #expect(
                problem?.hasSuffix("the gzip stream is followed by \(size) of other data, which is left out") == true
            )
        }
    }

    @Test("A gzip stream that is cut off is read up to the cut")
    func cut() throws {
        let zipped = Gzip.compress(Array(lines.utf8))
        let (text, problem) = try read(Array(zipped.dropLast(zipped.count / 3)))
        #expect(text.utf8.count > lines.utf8.count / 2)
        #expect(lines.hasPrefix(text))
        #expect(problem?.hasSuffix("the gzip stream is cut off; everything before that is kept") == true)
    }

    @Test("A damaged gzip stream is read up to the damage")
    func damage() throws {
        var zipped = Gzip.compress(Array("short and whole\n".utf8), level: 0)
        // The checksum behind the text.
        zipped[zipped.count - 8] ^= 0xFF
        let (text, problem) = try read(zipped)
        #expect(text == "short and whole\n")
        #expect(problem?.hasSuffix("the gzip stream is damaged; everything before that is kept") == true)
    }

    static let hasZstandard = (try? Zstandard()) != nil

    @Test("zstd: several frames, frames that are skipped, real compression", .enabled(if: hasZstandard))
    func zstandard() throws {
        let frame = Wire.zstandard(Array(lines.utf8))
        #expect(try read(frame) == (lines, nil))
        #expect(try read(frame + Wire.zstandard([]) + frame) == (lines + lines, nil))
        let skipped: [UInt8] = [0x53, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3]
        #expect(try read(skipped + frame + skipped + frame) == (lines + lines, nil))
        // `python3 -c "print('spans ' * 50000, end='')" | zstd -19 | base64`
        let compressed = "KLUv/QRodAAAMHNwYW5zIAEA9//JSxFEAAAAAQD9/8kLEEUAAAABAN0THQABFEYQtg=="
        let text = String(repeating: "spans ", count: 50_000)
        #expect(try read(Array(try #require(Data(base64Encoded: compressed)))) == (text, nil))
    }

    @Test(
        "of a truncated or damaged zstd stream, all data before the damage is read, and the damage is reported",
        .enabled(if: hasZstandard)
    )
    func damagedZstandard() throws {
        let frame = Wire.zstandard(Array(lines.utf8))
        let (start, problem) = try read(Array(frame.dropLast(20_000)))
        #expect(start.utf8.count >= 100_000)
        #expect(lines.hasPrefix(start))
        #expect(problem?.hasSuffix("the zstd stream is cut off; everything before that is kept") == true)
        let (whole, trailing) = try read(frame + Array("noise".utf8))
        #expect(whole == lines)
        #expect(trailing?.contains("the zstd stream is damaged (") == true)
        #expect(try read(Array(frame.prefix(4))).problem?.contains("is cut off") == true)
    }

    @Test("without libzstd, an error names the package")
    func missingLibrary() {
        #expect(ZstandardLibrary(["libzstd-that-is-not-there.so"]) == nil)
        do throws(Zstandard.Failure) {
            _ = try Zstandard(library: nil)
            Issue.record("it was opened")
        } catch {
            #expect(error.reason.contains("install the Debian package libzstd1"))
        }
    }

    @Test("text that begins like a magic number is text")
    func almostCompressed() throws {
        for text in ["(", "(\u{1}", "P", "X*", "_", "\u{1F}"] { #expect(try read(Array(text.utf8)) == (text, nil)) }
    }

    @Test("gzip is recognized even if a pipe delivers the first byte alone")
    func slowPipe() throws {
        let folder = TemporaryFolder()
        defer { folder.remove() }
        let path = folder.path("pipe")
        #expect(mkfifo(path, 0o600) == 0)
        let zipped = Gzip.compress(Array(lines.utf8))
        OperatingSystemThread.start {
            guard let pipe = FileHandle(forWritingAtPath: path) else { return }
            defer { try? pipe.close() }
            do {
                try pipe.write(contentsOf: zipped[..<1])
                try eventually("the first byte is read", bytesWaiting(in: pipe.fileDescriptor)) { $0 == 0 }
                try pipe.write(contentsOf: zipped[1...])
            } catch {
                Issue.record(error)
            }
        }
        #expect(drain(try InputBytes(path: path)) == (lines, nil))
    }
}

/// How many bytes of a pipe are still unread.
private func bytesWaiting(in pipe: Int32) -> Int32 {
    var count: Int32 = -1
    return ioctl(pipe, UInt(FIONREAD), &count) == 0 ? count : -1
}
