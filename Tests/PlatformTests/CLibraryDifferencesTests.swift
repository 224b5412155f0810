import Foundation
import SpanKitPlatform
import SpanKitTestSupport
import Testing

@Suite("Differences of C libraries are in one file")
struct CLibraryDifferencesTests {
    /// What only one C library declares, or declares in its own way.
    private static let particular = [
        "canImport(Glibc)", "canImport(Musl)", "SOCK_STREAM", "SOCK_DGRAM", "__sigaction", "__sa_handler", "st_mtim",
        "TIOCGWINSZ",
        "RLIMIT_", "gnu_get_libc_version", "mallinfo", "malloc_trim", "secure_getenv", "__environ", "fts_open",
    ]

    @Test("no other Swift file depends on glibc or musl", arguments: particular)
    func oneFile(word: String) throws {
        let allowed: Set = ["CLibrary.swift", "CLibraryDifferences.swift"]
        var count = 0
        let folder = PackageFiles.url("Sources")
        let files = try #require(FileManager.default.enumerator(atPath: folder.path))
        for case let path as String in files where path.hasSuffix(".swift") {
            let file = folder.appending(path: path)
            count += 1
            guard !allowed.contains(file.lastPathComponent) else { continue }
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                let code = line.prefix { $0 != "/" && $0 != "\"" }
                #expect(!code.contains(word), "\(path): \(line)")
            }
        }
        #expect(count > 400)
    }

    @Test("an ignored signal is recognized, and others are not")
    func signals() {
        // SIGWINCH is ignored by no shell, and has no effect by default.
        let before = signal(SIGWINCH, SIG_IGN)
        #expect(isIgnored(signal: SIGWINCH))
        signal(SIGWINCH, SIG_DFL)
        #expect(!isIgnored(signal: SIGWINCH))
        signal(SIGWINCH, before)
    }

    @Test("a file is not a terminal")
    func terminal() {
        let descriptor = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(descriptor) }
        #expect(terminalSize(descriptor) == nil)
    }
}
