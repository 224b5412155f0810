import Foundation
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Fork", .generousTimeLimit)
struct ForkTests {
    @Test(
        "parent and child send their own spans and log records once, as two instances of the service",
        arguments: [(false, false), (true, false), (true, true)]
    )
    func fork(hasSpool: Bool, samplesTail: Bool) throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let folder = TemporaryFolder()
        defer { folder.remove() }
        var environment: [String: String] = [:]
        if hasSpool { environment["SPANKIT_SPOOL_DIR"] = folder.path("spool") }
        if samplesTail { environment["SPANKIT_TAIL_SAMPLING"] = "errors,p95,otherwise=1" }
        let (status, text) = try run("fork", count: 5_000, server, environment)
        #expect(status == 0, "\(text)")
        #expect(server.numbers.sorted() == Array(0..<10_000))
        #expect(server.logNumbers.sorted() == Array(0..<10_000))
        let instances = Set(
            server.requests.compactMap { request -> Substring? in
                request.text.firstMatch(of: #/"service.instance.id","value":\{"stringValue":"([^"]+)"/#)?.1
            }
        )
        #expect(instances.count == 2)
        let processes = Set(
            server.requests.compactMap { $0.text.firstMatch(of: #/"process.pid","value":\{"intValue":"(\d+)"/#)?.1 }
        )
        #expect(processes.count == 2)
        #expect(server.requests.filter { $0.text.contains("open across the fork") }.count == 1)
        if hasSpool { #expect(FileSystem.names(in: folder.path("spool")).isEmpty) }
    }

    @Test(
        "a child can record and read, even if other threads held locks during the fork",
        .disabled(
            if: Sanitizers.isThreadSanitizerOn,
            "under ThreadSanitizer every use of a type takes a lock of the Swift runtime, which a child may find taken"
        ),
        arguments: [false, true]
    )
    func busyForks(hasSpool: Bool) throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let folder = TemporaryFolder()
        defer { folder.remove() }
        let (status, text) = try run(
            "busy-forks",
            count: 300,
            server,
            hasSpool ? ["SPANKIT_SPOOL_DIR": folder.path("spool")] : [:]
        )
        #expect(status == 0, "\(text)")
    }

    @Test("a child that exits without a span does not touch the parent's spans")
    func silentChild() throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let folder = TemporaryFolder()
        defer { folder.remove() }
        let spool = folder.path("spool")
        let (status, _) = try run("silent-child", count: 500, server, ["SPANKIT_SPOOL_DIR": spool])
        #expect(status == SIGKILL, "the child has ended in order, and the parent has killed itself")
        #expect(server.requests.isEmpty)
        let name = try #require(FileSystem.names(in: spool).first)
        let region = try RegionReader(path: "\(spool)/\(name)/region")
        var count = 0
        _ = region.read { _ in
            count += 1
            return true
        }
        #expect(count == 500)
    }

    private func run(
        _ mode: String,
        count: Int,
        _ server: FaultServer,
        _ environment: [String: String]
    ) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = BuiltProducts.url("span-producer")
        process.arguments = [mode, "\(count)"]
        // Recorders are kept for ever on purpose, and a child with threads is: the sanitizers' own rules say otherwise.
        process.environment = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": server.url, "ASAN_OPTIONS": "detect_leaks=0",
            "TSAN_OPTIONS": "die_after_fork=0",
        ].merging(environment) { $1 }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        process.waitUntilExit()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        return (process.terminationStatus, text)
    }
}
