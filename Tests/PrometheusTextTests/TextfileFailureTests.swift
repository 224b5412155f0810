import Foundation
import SpanKitOTLP
import SpanKitPlatform
import SpanKitPrometheusText
import SpanKitRecording
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

@Suite("Failures of a textfile")
struct TextfileFailureTests {
    private typealias Lines = TextfileWriterTests.Lines

    @Test("a missing directory is reported once, counted and retried, and its return is reported")
    func vanishingDirectory() throws {
        let parent = TemporaryFolder()
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
        #expect(lines.all.last == "prometheus textfile \(path): app.prom was written after 3 failed attempts")
        try FileManager.default.removeItem(atPath: path)
        #expect(!writer.writeNow())
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        #expect(writer.writeNow())
        #expect(lines.all.count == 4)
        #expect(writer.statistics.lastFailure == nil)
    }

    @Test("a missing permission is reported with what to do")
    func noPermission() throws {
        let lines = Lines()
        let directory = TemporaryFolder()
        chmod(directory.path, 0o555)
        let writer = TextfileWriterTests.writer(directory.path, lines)
        let isWritten = Locked(false)
        OperatingSystemThread.run(1) {
            // The superuser may write anywhere; this thread gives that up until it ends. Other users stay who they are.
            if geteuid() == 0 { _ = setFileSystemUser(65_534) }
            isWritten.withLock { $0 = writer.writeNow() }
        }
        #expect(!isWritten.withLock { $0 })
        let advice =
            "no permission to write into \(directory.path); "
            + "grant this user write access or choose another directory"
        #expect(lines.all == ["prometheus textfile \(directory.path): cannot be written: \(advice)"])
    }

    @Test("a file instead of the directory, and a directory instead of the file")
    func wrongKinds() throws {
        let directory = TemporaryFolder()
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

    @Test("a text that node_exporter would drop is not written, and the old file stays")
    func invalid() throws {
        let directory = TemporaryFolder()
        let lines = Lines()
        let isBroken = Locked(false)
        let writer = TextfileWriterTests.writer(
            directory.path,
            lines,
            collect: {
                [.family("a", isBroken.withLock { $0 } ? .histogram : .gauge, [.init(1)])]
            }
        )
        #expect(writer.writeNow())
        let before = directory.content(of: "app.prom")
        isBroken.withLock { $0 = true }
        #expect(!writer.writeNow() && !writer.writeNow())
        #expect(directory.content(of: "app.prom") == before)
        #expect(lines.all.count == 1)
        #expect(
            lines.all.first?.contains(
                "the file was not written, because node_exporter could not serve all metrics in it: a: a value does not fit"
            )
                == true
        )
        // A help that is missing is served, but under another text in every file.
        let careless = TextfileWriterTests.writer(
            directory.path,
            lines,
            configure: { $0.processName = "careless" },
            collect: { [Metric.family("a", .gauge, help: "", [Metric.Point(1)])] }
        )
        #expect(!careless.writeNow())
        #expect(TextfileWriterTests.visible(directory) == ["app.prom"])
    }

    @Test(
        "on a full disk the old file stays",
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
                let metrics = (0..<count.withLock { $0 }).map { Metric.Point(1, ["n": "\($0)"]) }
                return [Metric.family("a", .gauge, help: "h", metrics)]
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

/// Linux' own, for the calling thread alone, which Swift's Glibc does not show.
@_silgen_name("setfsuid") private func setFileSystemUser(_ user: uid_t) -> Int32

/// A file system of its own that is soon full.
private final class SmallDisk {
    static let isPossible: Bool = {
        guard geteuid() == 0, let disk = try? SmallDisk(kibibytes: 64) else { return false }
        _ = disk
        return true
    }()

    let directory: TemporaryFolder

    init(kibibytes: Int) throws {
        directory = TemporaryFolder()
        guard mount("tmpfs", directory.path, "tmpfs", 0, "size=\(kibibytes)k") == 0 else { throw POSIXError(.EPERM) }
    }

    deinit { umount2(directory.path, Int32(MNT_DETACH)) }
}
