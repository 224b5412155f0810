import SpanKitPlatform
import SpanKitTestSupport
import Testing

@Suite("Files")
struct FileSystemTests {
    private let folder = TemporaryFolder()

    private func write(_ text: String, to name: String, replaces: Bool = true) -> Int32? {
        Array(text.utf8).withUnsafeBytes {
            FileSystem.write($0, to: folder.path(name), replaces: replaces, synchronously: true)
        }
    }

    private func mode(of name: String) -> mode_t {
        var status = stat()
        return stat(folder.path(name), &status) == 0 ? status.st_mode & 0o777 : 0
    }

    @Test("reading gives what was written, also when a shorter content replaces a longer one")
    func content() throws {
        #expect(write("a longer content", to: "a") == nil)
        #expect(write("short", to: "a") == nil)
        #expect(try FileSystem.read(folder.path("a")).get() == Array("short".utf8))
        #expect(FileSystem.attributes(folder.path("a"))?.bytes == 5)
        #expect(mode(of: "a") == 0o600)
        #expect(FileSystem.names(in: folder.path) == ["a"])
    }

    @Test("a file has the requested mode regardless of the umask")
    func modes() {
        let problem = [UInt8]().withUnsafeBytes {
            FileSystem.write($0, to: folder.path("a"), mode: 0o666, ignoresMask: true)
        }
        #expect(problem == nil)
        #expect(mode(of: "a") == 0o666)
    }

    @Test("if replacing is not allowed, an existing file or link is an error and stays unchanged")
    func taken() throws {
        #expect(write("old", to: "a") == nil)
        #expect(write("new", to: "a", replaces: false) == EEXIST)
        #expect(folder.text(of: "a") == "old")
        #expect(symlink(folder.path("nowhere"), folder.path("link")) == 0)
        #expect(write("new", to: "link", replaces: false) == EEXIST)
        #expect(folder.names == ["a", "link"])
    }

    @Test("a file above the limit is refused, and a file without a size is read to its end")
    func limits() throws {
        #expect(write("12345", to: "a") == nil)
        #expect(try FileSystem.read(folder.path("a"), limit: 5).get().count == 5)
        #expect(throws: SystemFailure.self) { try FileSystem.read(folder.path("a"), limit: 4).get() }
        #if os(Linux)
            #expect(try FileSystem.read("/proc/self/cmdline").get().isEmpty == false)
            guard case .failure(let failure) = FileSystem.read("/proc/self/cmdline", limit: 1) else {
                Issue.record("longer than a byte")
                return
            }
            #expect(failure.code == EFBIG)
        #endif
    }

    @Test("a failure has the path and the system's text")
    func failures() {
        func failure(_ path: String) -> String? {
            if case .failure(let failure) = FileSystem.read(path) { failure.description } else { nil }
        }
        #expect(failure(folder.path("a")) == "\(folder.path("a")): no such file or directory")
        #expect(failure(folder.path) == "\(folder.path): invalid argument")
        #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
        #expect(
            failure(folder.path("pipe")) == "\(folder.path("pipe")): invalid argument",
            "and nothing waits for a writer"
        )
    }

    @Test("directories are created with their parents, but not over a file")
    func directories() {
        let path = folder.path("a/b/c")
        #expect(FileSystem.missingDirectories(path) == [path, folder.path("a/b"), folder.path("a")])
        #expect(FileSystem.makeDirectory(path) == nil)
        #expect(FileSystem.makeDirectory(path) == nil)
        #expect(FileSystem.isDirectory(path) && FileSystem.missingDirectories(path).isEmpty)
        #expect(write("", to: "file") == nil)
        #expect(FileSystem.makeDirectory(folder.path("file")) == ENOTDIR)
    }

    @Test("an atomically replaced file is readable for every user, and leaves no temporary file")
    func atomic() throws {
        let file = AtomicFile(directory: folder.path, name: "a")
        for text in ["old", "new"] {
            try file.replace(with: Array(text.utf8), synchronizes: true)
            #expect(folder.text(of: "a") == text)
        }
        #expect(mode(of: "a") == 0o644)
        // Of a process that had our number and was killed.
        #expect(write("torn", to: ".a.\(getpid()).tmp") == nil)
        try file.replace(with: [0x78], synchronizes: false)
        #expect(folder.names == ["a"])
        try file.remove()
        try file.remove()
        #expect(folder.names.isEmpty)
        #expect(throws: SystemFailure.self) {
            try AtomicFile(directory: folder.path("none"), name: "a").replace(with: [], synchronizes: false)
        }
    }

    @Test("a running process is distinguished from one that does not exist")
    func processes() {
        #expect(isRunning(process: getpid()))
        #expect(isRunning(process: 1), "also where it is another user's")
        #expect(!isRunning(process: 999_999_999))
    }
}
