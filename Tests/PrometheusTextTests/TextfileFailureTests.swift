import Foundation
import Percentiles
import PrometheusText
import TestSupport
import Testing

@Suite("When a textfile cannot be written")
struct TextfileFailureTests {
    private typealias Lines = TextfileWriterTests.Lines

    @Test("a directory that vanishes is said once, counted, tried again, and its return is said")
    func vanishingDirectory() throws {
        let parent = try ScratchDirectory()
        let path = "\(parent.path)/textfiles"
        let lines = Lines()
        let writer = TextfileWriterTests.writer(path, lines)
        #expect(!writer.writeNow() && !writer.writeNow() && !writer.writeNow())
        #expect(writer.statistics.failureCount == 3)
        let reason = "cannot be written: the directory \(path) does not exist; create it"
        #expect(lines.all == ["prometheus textfile \(path): \(reason)"])
        #expect(writer.statistics.lastFailure == reason)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        #expect(writer.writeNow())
        #expect(lines.all.last == "prometheus textfile \(path): app.prom is written again after 3 failed attempts")
        try FileManager.default.removeItem(atPath: path)
        #expect(!writer.writeNow())
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        #expect(writer.writeNow())
        #expect(lines.all.count == 4)
        #expect(writer.statistics.lastFailure == nil)
    }

    @Test("no permission is said with what to do")
    func noPermission() throws {
        let lines = Lines()
        if geteuid() == 0 {
            // The superuser may write anywhere but into what the kernel makes up.
            guard access("/sys/kernel", F_OK) == 0 else { return }
            #expect(!TextfileWriterTests.writer("/sys/kernel", lines).writeNow())
        } else {
            let directory = try ScratchDirectory()
            chmod(directory.path, 0o555)
            #expect(!TextfileWriterTests.writer(directory.path, lines).writeNow())
        }
        #expect(lines.all.count == 1)
        let line = try #require(lines.all.first)
        #expect(line.contains("no permission to write into") || line.contains("read-only"))
    }

    @Test("a file where the directory should be, and a directory where the file should be")
    func wrongKinds() throws {
        let directory = try ScratchDirectory()
        try directory.put("file", [])
        let lines = Lines()
        #expect(!TextfileWriterTests.writer("\(directory.path)/file", lines).writeNow())
        #expect(lines.all.first?.contains("is not a directory; choose another") == true)
        try FileManager.default.createDirectory(
            atPath: "\(directory.path)/app.prom/x",
            withIntermediateDirectories: true
        )
        #expect(!TextfileWriterTests.writer(directory.path, lines).writeNow())
        #expect(lines.all.last?.contains("a directory has the name of the file") == true)
        #expect(TextfileWriterTests.visible(directory) == ["app.prom", "file"])
    }

    @Test("what node_exporter would lose is not written, and the old file stays")
    func invalid() throws {
        let directory = try ScratchDirectory()
        let lines = Lines()
        let isBroken = Locked(false)
        let writer = TextfileWriterTests.writer(
            directory.path,
            lines,
            collect: {
                let name = isBroken.withLock { $0 } ? "a.b" : "a"
                return [MetricFamily(name: name, help: "h", type: .gauge, metrics: [Metric(1)])]
            }
        )
        #expect(writer.writeNow())
        let before = directory.content(of: "app.prom")
        isBroken.withLock { $0 = true }
        #expect(!writer.writeNow() && !writer.writeNow())
        #expect(directory.content(of: "app.prom") == before)
        #expect(lines.all.count == 1)
        #expect(
            lines.all.first?.contains("not written, because it would not be served as a whole: metric name 'a.b'")
                == true
        )
        // A help that is missing is served, but under another text in every file.
        let careless = TextfileWriterTests.writer(
            directory.path,
            lines,
            configure: { $0.processName = "careless" },
            collect: { [MetricFamily(name: "a", help: "", type: .gauge, metrics: [Metric(1)])] }
        )
        #expect(!careless.writeNow())
        #expect(TextfileWriterTests.visible(directory) == ["app.prom"])
    }

    @Test(
        "a full disk costs the new file, not the old one",
        .enabled(if: SmallDisk.isPossible, "needs the right to mount")
    )
    func fullDisk() throws {
        let disk = try SmallDisk(kibibytes: 64)
        let lines = Lines()
        let count = Locked(1)
        let writer = TextfileWriterTests.writer(
            disk.directory.path,
            lines,
            collect: {
                let metrics = (0..<count.withLock { $0 }).map { Metric(labels: [MetricLabel("n", "\($0)")], 1) }
                return [MetricFamily(name: "a", help: "h", type: .gauge, metrics: metrics)]
            }
        )
        #expect(writer.writeNow())
        let before = disk.directory.content(of: "app.prom")
        count.withLock { $0 = 50_000 }
        #expect(!writer.writeNow() && !writer.writeNow())
        #expect(disk.directory.content(of: "app.prom") == before)
        #expect(TextfileWriterTests.visible(disk.directory) == ["app.prom"])
        let path = disk.directory.path
        #expect(lines.all == ["prometheus textfile \(path): cannot be written: no space is left in \(path); free some"])
        count.withLock { $0 = 1 }
        #expect(writer.writeNow())
    }
}

/// A file system of its own that is soon full.
private final class SmallDisk {
    static let isPossible: Bool = {
        guard geteuid() == 0, let disk = try? SmallDisk(kibibytes: 64) else { return false }
        _ = disk
        return true
    }()

    let directory: ScratchDirectory

    init(kibibytes: Int) throws {
        directory = try ScratchDirectory()
        guard mount("tmpfs", directory.path, "tmpfs", 0, "size=\(kibibytes)k") == 0 else { throw POSIXError(.EPERM) }
    }

    deinit { umount2(directory.path, Int32(MNT_DETACH)) }
}
