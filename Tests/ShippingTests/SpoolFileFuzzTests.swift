import SpanKitPlatform
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("A damaged file in the spool")
struct SpoolFileFuzzTests {
    private let folder = TemporaryFolder()

    @Test("only valid names are parsed")
    func names() throws {
        defer { folder.remove() }
        let directory = try SpoolDirectory.make(in: folder.path("spool")).get()
        let pieces = [
            "000000000042", "-", "512", ".", "json", "pb", "gz", "0", "9", "-1", "é", "..", "/", "", ".writing-",
        ]
        var random = SplitMix64(seed: 21)
        var known = 0
        for _ in 0..<FuzzRounds.count {
            let usual = ["000000000042", "-", "512", ".", "json", ".", "gz"]
            let name = usual.map {
                Int.random(in: 0..<6, using: &random) == 0 ? pieces.randomElement(using: &random) ?? "" : $0
            }
            .joined()
            guard let file = SpoolFile(directory: directory, name: name, byteCount: 7) else { continue }
            known += 1
            #expect(file.spanCount > 0 && name.contains("-\(file.spanCount)"))
            #expect(file.isCompressed == name.hasSuffix(".gz"))
            #expect(name.contains(file.encoding == .json ? ".json" : ".pb"))
        }
        #expect(known > FuzzRounds.count / 10)
    }

    @Test("a body is read unchanged or not at all")
    func bodies() throws {
        defer { folder.remove() }
        let directory = try SpoolDirectory.make(in: folder.path("spool")).get()
        let name = "000000000042-512.json.gz"
        let plain = Array((0..<40).map { "{\"span\":\($0 &* 2_654_435_761)}" }.joined().utf8)
        let whole = Gzip.compress(plain)
        let file = try #require(SpoolFile(directory: directory, name: name, byteCount: whole.count))
        var random = SplitMix64(seed: 22)
        var (loaded, refused) = (0, 0)
        // Each round writes and reads a file: a tenth of the usual rounds, but all of those asked for.
        for _ in 0..<(FuzzRounds.isUsual ? FuzzRounds.count / 10 : FuzzRounds.count) {
            var bytes = whole
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                switch Int.random(in: 0..<3, using: &random) {
                case 0 where !bytes.isEmpty:
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
                case 1: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
                default:
                    bytes.insert(.random(in: 0...255, using: &random), at: .random(in: 0...bytes.count, using: &random))
                }
            }
            _ = bytes.withUnsafeBytes { FileSystem.write($0, to: file.path) }
            guard case .body(let body) = file.load() else {
                refused += 1
                continue
            }
            loaded += 1
            // Damage in the header or behind the end changes nothing of what a receiver gets to see.
            #expect(body.plainBytes() == plain)
        }
        #expect(loaded > 0 && refused > 0)
    }
}
