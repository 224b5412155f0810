import Foundation
import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKit

@Suite("Metrics of the process")
struct ProcessMetricsTests {
    private static func value(_ metrics: [Metric], _ name: String, _ attribute: String? = nil) throws -> Double {
        let metric = try #require(metrics.first { $0.name == name }, "\(name)")
        let point = try #require(
            metric.points.first { point in
                attribute == nil || point.attributes.contains { $0.value == .string(attribute ?? "") }
            }
        )
        switch point.value {
        case .int(let number): return Double(number)
        case .double(let number): return number
        default:
            Issue.record("\(point)")
            return 0
        }
    }

    @Test("the values are those of the files")
    func files() throws {
        let folder = TemporaryFolder("proc")
        defer { folder.remove() }
        let own = folder.path("proc/self")
        try FileManager.default.createDirectory(atPath: own + "/fd", withIntermediateDirectories: true)
        for number in 0..<4 { try Data().write(to: URL(filePath: "\(own)/fd/\(number)")) }
        // A name with a parenthesis and spaces.
        let stat =
            "42 (a) b) S 1 42 42 0 -1 4194560 1000 0 7 0 250 50 0 0 20 0 9 0 12300 123456 789 18446744073709551615"
        try Data(stat.utf8).write(to: URL(filePath: own + "/stat"))
        try Data("300 200 100 1 0 50 0\n".utf8).write(to: URL(filePath: own + "/statm"))
        try Data("rchar: 1\nwchar: 2\nread_bytes: 4096\nwrite_bytes: 8192\n".utf8).write(to: URL(filePath: own + "/io"))
        try Data("1123.5 4000.0\n".utf8).write(to: URL(filePath: folder.path("proc/uptime")))
        let process = ProcessMetrics(root: folder.path("").trimmingSuffix("/"))
        let metrics = process.metrics()
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        let page = Double(sysconf(Int32(_SC_PAGESIZE)))
        #expect(try Self.value(metrics, "process.cpu.time", "user") == 250 / ticks)
        #expect(try Self.value(metrics, "process.cpu.time", "system") == 50 / ticks)
        #expect(try Self.value(metrics, "process.paging.faults", "minor") == 1_000)
        #expect(try Self.value(metrics, "process.paging.faults", "major") == 7)
        #expect(try Self.value(metrics, "process.thread.count") == 9)
        #expect(try Self.value(metrics, "process.memory.usage") == 200 * page)
        #expect(try Self.value(metrics, "process.memory.virtual") == 300 * page)
        #expect(try Self.value(metrics, "process.disk.io", "read") == 4_096)
        #expect(try Self.value(metrics, "process.disk.io", "write") == 8_192)
        #expect(try Self.value(metrics, "process.unix.file_descriptor.count") == 3)
        #expect(try Self.value(metrics, "process.uptime") == 1_123.5 - 12_300 / ticks)
        #expect(process.unreadable == [])
        let again = process.metrics()
        #expect(
            metrics.flatMap(\.points).map(\.start) == again.flatMap(\.points).map(\.start),
            "a start that moves would be a restart"
        )
    }

    #if os(Linux)
        @Test("this process has the values that the system shows to others")
        func own() throws {
            let process = ProcessMetrics()
            #expect(process.unreadable == [])
            let before = try Self.seen()
            let switches = try Self.switches()
            let metrics = process.metrics()
            let after = try Self.seen()
            #expect(Set(metrics.map(\.name)).count == 9)
            for name in before.keys {
                let value = try Self.value(metrics, name)
                let range = try #require(before[name])...(try #require(after[name]))
                #expect(range.contains(value), "\(name): \(value) is not in \(range)")
            }
            #expect(try Self.value(metrics, "process.context_switches", "voluntary") >= max(1, switches))
            #expect(try Self.value(metrics, "process.thread.count") >= 1)
            #expect(try Self.value(metrics, "process.memory.usage") > 1_000_000)
            #expect(try Self.value(metrics, "process.unix.file_descriptor.count") >= 3)
            #expect(
                try Self.value(metrics, "process.memory.virtual") >= Self.value(metrics, "process.memory.usage")
            )
        }

        /// Counters that only grow, read with other tools than the product's.
        private static func seen() throws -> [String: Double] {
            func text(_ file: String) throws -> String {
                try String(contentsOfFile: "/proc/\(getpid())/\(file)", encoding: .utf8)
            }
            let afterName = try text("stat").components(separatedBy: ") ").last ?? ""
            let stat = afterName.components(separatedBy: " ")
            let io = try text("io").components(separatedBy: "\n")
            func bytes(_ name: String) -> Double {
                io.first { $0.hasPrefix(name + ": ") }.flatMap { Double($0.dropFirst(name.count + 2)) } ?? -1
            }
            return [
                "process.cpu.time": (Double(stat[11]) ?? -1) / Double(sysconf(Int32(_SC_CLK_TCK))),
                "process.paging.faults": Double(stat[7]) ?? -1,
                "process.disk.io": bytes("read_bytes"),
            ]
        }

        /// The voluntary context switches of the threads that run now.
        private static func switches() throws -> Double {
            let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(getpid())/task")
            return threads.reduce(0) { sum, thread in
                let text = try? String(contentsOfFile: "/proc/\(getpid())/task/\(thread)/status", encoding: .utf8)
                let line = text?.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches:") }
                return sum + (line?.split(separator: "\t").last.flatMap { Double($0) } ?? 0)
            }
        }
    #endif

    @Test("files that are missing are named, and their metrics are left out")
    func missing() throws {
        let folder = TemporaryFolder("proc")
        defer { folder.remove() }
        let process = ProcessMetrics(root: folder.path("none"))
        #expect(process.metrics().map(\.name) == ["process.context_switches"])
        #expect(process.unreadable.count == 5)
    }

    @Test("the variable adds them to the metrics that are sent")
    func exported() async throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let telemetry = Telemetry.start(
            .environment([
                "OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "otlp", "SPANKIT_PROCESS_METRICS": "true",
                "OTEL_EXPORTER_OTLP_ENDPOINT": server.url,
            ]),
            log: .silent
        )
        await telemetry.shutdown(within: .generous)
        let body = String(decoding: server.requests.last?.decodedBody ?? [], as: UTF8.self)
        #expect(
            body.contains(#""name":"process.cpu.time","description":"CPU time that the process has used.","unit":"s""#)
        )
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
