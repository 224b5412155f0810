import Foundation
import SpanKitTestSupport
import Testing

@Suite("Instruments in forked processes", .generousTimeLimit)
struct ForkTests {
    @Test("children that are forked while other threads count start from zero, and no lock is held for ever")
    func forks() throws {
        let folder = TemporaryFolder()
        defer { folder.remove() }
        let process = Process()
        process.executableURL = BuiltProducts.url("span-producer")
        process.arguments = ["meter-forks", "40", folder.path("metrics")]
        process.environment = ["ASAN_OPTIONS": "detect_leaks=0", "TSAN_OPTIONS": "die_after_fork=0"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        process.waitUntilExit()
        #expect(String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) == "")
        #expect(process.terminationStatus == 0)
    }
}
