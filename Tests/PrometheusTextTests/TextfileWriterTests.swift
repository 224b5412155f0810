import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitPrometheusText
import SpanKitRecording
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

@Suite("Textfile writer", .generousTimeLimit)
struct TextfileWriterTests {
    /// The lines a writer logs.
    final class Lines: Sendable {
        private let lines = Locked<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        @Sendable func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    static func families(_ value: Double) -> [Metric] {
        [Metric.family("a", .gauge, help: "h", [Metric.Point(value)])]
    }

    static func writer(
        _ directory: String,
        _ lines: Lines = Lines(),
        configure: (inout TextfileWriter.Configuration) -> Void = { _ in },
        collect: @escaping @Sendable () -> [Metric] = { families(1) }
    ) -> TextfileWriter {
        var configuration = TextfileWriter.Configuration(directory: directory, processName: "app")
        configuration.interval = .seconds(3_600)
        configure(&configuration)
        return TextfileWriter(configuration, log: lines.add, collect: collect)
    }

    static func visible(_ directory: TemporaryFolder) -> [String] {
        directory.names.filter { !$0.hasSuffix(".lock") }
    }

    @Test("a file is complete, readable by all, and contains its time", arguments: [false, true])
    func write(synchronizes: Bool) throws {
        let directory = TemporaryFolder()
        let lines = Lines()
        let mask = umask(0o077)
        defer { umask(mask) }
        let writer = Self.writer(directory.path, lines) { $0.synchronizes = synchronizes }
        #expect(writer.writeNow() && writer.writeNow())
        #expect(Self.visible(directory) == ["app.prom"])
        let families = try ExpositionText.parse(try #require(directory.content(of: "app.prom")))
        #expect(families.map(\.name).sorted().first == "a")
        let time = try #require(families.first { $0.name == "spankit_textfile_write_timestamp_seconds" }?.samples.first)
        #expect(abs(time.value - Date().timeIntervalSince1970) < 600)
        #expect(time.labels == [Attribute("process", "app")])
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory.path)/app.prom")
        #expect(attributes[.posixPermissions] as? Int == 0o644)
        #expect(lines.all == [])
        #expect(writer.statistics.writeCount == 2 && writer.statistics.failureCount == 0)
        #expect(writer.statistics.path == "\(directory.path)/app.prom")
    }

    @Test(
        "file names are safe",
        arguments: [
            ("okr-coach", "okr-coach.prom"), ("a b/c", "a_b_c.prom"), ("../../etc/passwd", "_.._etc_passwd.prom"),
            ("", "spankit.prom"), (".hidden", "hidden.prom"), ("é🎯", "______.prom"), ("x.prom", "x.prom"),
            ("...", "spankit.prom"),
            ("a\nb\"", "a_b_.prom"), (String(repeating: "n", count: 300), String(repeating: "n", count: 100) + ".prom"),
        ]
    )
    func names(process: String, file: String) throws {
        let directory = TemporaryFolder()
        let writer = Self.writer(directory.path) { $0.processName = process }
        #expect(writer.writeNow())
        #expect(Self.visible(directory) == [file])
    }

    @Test("a path is used unchanged, and one that node_exporter ignores is reported once")
    func path() throws {
        let directory = TemporaryFolder()
        let lines = Lines()
        for name in ["my app.prom", "metrics.txt"] {
            let configuration = TextfileWriter.Configuration(path: "\(directory.path)/\(name)")
            let writer = TextfileWriter(configuration, log: lines.add) { Self.families(1) }
            #expect(writer.writeNow() && writer.writeNow())
            #expect(writer.statistics.path == "\(directory.path)/\(name)")
        }
        #expect(directory.names == ["metrics.txt", "my app.prom"])
        #expect(lines.all.count == 1 && lines.all.first?.contains("'metrics.txt' does not end in .prom") == true)
        #expect(TextfileWriter.Configuration(path: "x.prom").directory == ".")
        #expect(TextfileWriter.Configuration(path: "/x.prom").directory == "/")
        #expect(TextfileWriter.Configuration(path: "dir/").fileName == nil)
    }

    @Test("it writes at once, after every interval, and at once when stopped")
    func periodic() throws {
        let directory = TemporaryFolder()
        let value = Locked(0.0)
        let collect: @Sendable () -> [Metric] = {
            Self.families(
                value.withLock { value in
                    value += 1
                    return value
                }
            )
        }
        let patient = Self.writer(directory.path, collect: collect)
        patient.start()
        patient.start()
        try eventually("it writes at once", patient.statistics.writeCount) { $0 > 0 }
        #expect(patient.stop(within: .generous))
        #expect(patient.statistics.writeCount == 2)
        let hasty = Self.writer(directory.path, configure: { $0.interval = .milliseconds(5) }, collect: collect)
        hasty.start()
        try eventually("it writes every interval", hasty.statistics.writeCount) { $0 >= 5 }
        #expect(hasty.stop(within: .generous))
        #expect(hasty.statistics.writeCount >= 6)
        #expect(!hasty.writeNow(), "its thread has ended")
    }

    @Test("stopping keeps its deadline when a write hangs")
    func deadline() throws {
        let directory = TemporaryFolder()
        let gate = Locked(false)
        let writer = Self.writer(
            directory.path,
            collect: {
                while !gate.withLock({ $0 }) { usleep(1_000) }
                return Self.families(1)
            }
        )
        writer.start()
        #expect(!writer.stop(within: .milliseconds(20)))
        #expect(writer.statistics.writeCount == 0)
        gate.withLock { $0 = true }
        #expect(writer.stop(within: .generous))
        #expect(directory.content(of: "app.prom") != nil)
    }

    @Test("a released writer writes a last time")
    func letGo() throws {
        let directory = TemporaryFolder()
        let calls = Locked(0)
        do {
            let writer = Self.writer(
                directory.path,
                collect: {
                    calls.withLock { $0 += 1 }
                    return Self.families(1)
                }
            )
            writer.start()
        }
        try eventually("the last file is there", Self.visible(directory)) { $0.contains("app.prom") }
        #expect(calls.withLock { $0 } > 0)
    }

    @Test("the file is removed at the end if configured")
    func removal() throws {
        let directory = TemporaryFolder()
        let writer = Self.writer(directory.path) { $0.removesFileAtStop = true }
        #expect(writer.writeNow())
        #expect(Self.visible(directory) == ["app.prom"])
        #expect(writer.stop(within: .generous))
        #expect(Self.visible(directory) == [])
        #expect(!writer.writeNow())
    }

    @Test("two processes with one name write two files, and an abandoned file is removed")
    func twoOfOneName() throws {
        let directory = TemporaryFolder()
        let lines = Lines()
        let first = Self.writer(directory.path)
        #expect(first.writeNow())
        do {
            let second = Self.writer(directory.path, lines)
            #expect(second.writeNow() && second.writeNow())
            #expect(
                lines.all == [
                    "prometheus textfile \(directory.path): another process with the name 'app' writes into this directory, so this process writes app-2.prom"
                ]
            )
        }
        #expect(Self.visible(directory) == ["app-2.prom", "app.prom"])
        let text = try ExpositionText.parse(try #require(directory.content(of: "app-2.prom")))
        #expect(text.flatMap(\.samples).allSatisfy { $0.labels.contains(Attribute("slot", "2")) })
        #expect(first.stop(within: .generous))
        #expect(Self.writer(directory.path).writeNow())
        #expect(Self.visible(directory) == ["app.prom"])
    }

    @Test("every series has the constant labels, unless it has its own")
    func processLabel() throws {
        let directory = TemporaryFolder()
        let writer = Self.writer(
            directory.path,
            collect: {
                let metrics = [
                    Metric.Point(1, ["x": "1"]), Metric.Point(2, ["process": "b"]),
                ]
                return [Metric.family("a", .gauge, help: "h", metrics)]
            }
        )
        #expect(writer.writeNow())
        let families = try ExpositionText.parse(try #require(directory.content(of: "app.prom")))
        let own = try #require(families.first { $0.name == "a" })
        #expect(own.points.map { $0.attributes.map(\.value) } == [["app", "1"], ["b"]])
        #expect(families.flatMap(\.samples).allSatisfy { $0.labels.contains { $0.key == "process" } })
    }

    @Test("temporary files of ended processes are removed, others stay")
    func leftovers() throws {
        let directory = TemporaryFolder()
        let old = Date(timeIntervalSinceNow: -3_600)
        // Stays fresh however long the test takes.
        let fresh = Date(timeIntervalSinceNow: 3_600)
        for (name, date) in [
            (".app.prom.999999999.tmp", old), (".app.prom.999999998.tmp", fresh), (".app.prom.1.tmp", old),
            (".app.prom.x.tmp", old), (".other.prom.999999999.tmp", old), (".app.prom.\(getpid()).tmp", old),
        ] {
            try directory.put(name, [])
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: "\(directory.path)/\(name)")
        }
        #expect(Self.writer(directory.path).writeNow())
        #expect(
            Self.visible(directory) == [
                ".app.prom.1.tmp", ".app.prom.999999998.tmp", ".app.prom.x.tmp", ".other.prom.999999999.tmp",
                "app.prom",
            ]
        )
    }
}
