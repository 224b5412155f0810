import Foundation
import TestSupport
import Testing

@testable import Shipping

@Suite("A process that forks", .timeLimit(.minutes(1)))
struct ForkTests {
    @Test(
        "parent and child send their own spans, each once, as two instances of the service",
        arguments: [(false, false), (true, false), (true, true)]
    )
    func fork(hasSpool: Bool, samplesTail: Bool) throws {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let folder = TemporaryFolder()
        defer { folder.remove() }
        let process = Process()
        process.executableURL = BuiltProducts.url("span-producer")
        process.arguments = ["fork", "5000"]
        // Recorders are kept for ever on purpose, and a child with threads is: the sanitizers' own rules say otherwise.
        process.environment = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": server.url, "ASAN_OPTIONS": "detect_leaks=0",
            "TSAN_OPTIONS": "die_after_fork=0",
        ]
        if hasSpool { process.environment?["SPANKIT_SPOOL_DIR"] = folder.path("spool") }
        if samplesTail { process.environment?["SPANKIT_TAIL_SAMPLING"] = "errors,p95,otherwise=1" }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        process.waitUntilExit()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(process.terminationStatus == 0, "\(text)")
        #expect(server.numbers.sorted() == Array(0..<10_000))
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
}
