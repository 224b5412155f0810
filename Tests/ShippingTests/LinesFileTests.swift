import Glibc
import SpanKitPlatform
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("A file of lines")
struct LinesFileTests {
    private let folder = TemporaryFolder()
    private let line = Array("0123456789".utf8)

    private func configuration(_ name: String) -> LinesFileConfiguration {
        var configuration = LinesFileConfiguration(path: folder.path(name))
        configuration.maximumBytes = 25
        return configuration
    }

    @Test("a file that would become too large is renamed")
    func rotation() {
        defer { folder.remove() }
        let file = LinesFile(configuration("lines"))
        for _ in 0..<3 { #expect(file.write(line) == nil) }
        #expect((try? FileSystem.read(folder.path("lines.1")).get())?.count == 22)
        #expect((try? FileSystem.read(folder.path("lines")).get())?.count == 11)
    }

    @Test("a pipe or a device is never renamed")
    func pipe() {
        defer { folder.remove() }
        let path = folder.path("pipe")
        #expect(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDWR | O_NONBLOCK)
        defer { close(reader) }
        let file = LinesFile(configuration("pipe"))
        for _ in 0..<10 { #expect(file.write(line) == nil) }
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
        #expect((try? FileSystem.read(folder.path("pipe.1")).get()) == nil)
        var bytes = [UInt8](repeating: 0, count: 200)
        #expect(read(reader, &bytes, bytes.count) == 110)
    }
}
