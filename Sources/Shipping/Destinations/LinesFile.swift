import SpanKitPlatform

/// A file of OTLP JSON lines (OpenTelemetry "OTLP File Exporter"), or a folder of such files by date.
public struct LinesFileConfiguration: Sendable, Hashable {
    /// The path of the file, or `-` for standard output. A path that ends in a slash is a folder: the files in it are compressed, named
    /// by their time, in folders such as `year=2026/month=11/day=29/hour=20`, and never removed. Object stores and ClickHouse read
    /// them as they are. Use a folder for each signal.
    public var path: String
    /// The maximum size in bytes, 100 MiB by default. A file that would exceed it is renamed, and a new one is started. In a folder, a
    /// file that has reached it is complete.
    public var maximumBytes = 100 * 1_024 * 1_024
    /// The number of renamed files to keep, 5 by default. The newest is `path.1`. Files in a folder are kept.
    public var keepsFiles = 5
    /// The longest time for which lines go to the same file of a folder, 5 minutes by default. A file also ends with its hour (UTC).
    public var maximumAge = Duration.seconds(300)

    /// Whether ``path`` is a folder.
    var isFolder: Bool { path.hasSuffix("/") }

    /// Creates a configuration with the default limits.
    public init(path: String) {
        self.path = path
    }
}

/// Where lines are written. Used by one thread.
protocol LineFile: AnyObject, Sendable {
    /// Appends a line.
    /// - Parameter isCompressed: whether the line is a member of gzip.
    /// - Returns: the system's error number; nil if the line was written.
    func write(_ line: [UInt8], isCompressed: Bool) -> Int32?
    /// When the file is complete although no further line comes; nil if it is never.
    var deadline: ContinuousClock.Instant? { get }
    /// Completes the file if its deadline has passed.
    func completeIfDue(_ now: ContinuousClock.Instant)
    /// Completes the file.
    func complete()
}

extension LinesFileConfiguration {
    /// - Parameter log: called with what a user should know about files of a folder.
    func makeFile(log: @escaping (String) -> Void) -> any LineFile {
        isFolder ? DatedFile(self, log: log) : LinesFile(self)
    }
}

/// A file of lines that is renamed when it is too large.
final class LinesFile: LineFile, @unchecked Sendable {
    private let configuration: LinesFileConfiguration
    private var descriptor: Int32 = -1
    /// False for a device or a pipe. They have no size and must not be renamed: that would remove `/dev/null` from the
    /// system.
    private var isRegular = false
    private var size = 0
    /// Whether the last line may be incomplete.
    private var isTorn = false

    init(_ configuration: LinesFileConfiguration) {
        self.configuration = configuration
    }

    deinit {
        if descriptor > STDERR_FILENO { close(descriptor) }
    }

    /// Appends a line with one call, so that a crash can only truncate the last line. If the write fails, the part of
    /// the line is removed or, if that is impossible, ended before the next line.
    func write(_ line: [UInt8], isCompressed: Bool = false) -> Int32? {
        if isRegular, descriptor >= 0, size > 0, size + line.count + 1 > configuration.maximumBytes { rotate() }
        if descriptor < 0, let problem = openFile() { return problem }
        let bytes = (isTorn ? [0x0A] : []) + line + [0x0A]
        let problem = bytes.withUnsafeBytes { FileSystem.append($0, to: descriptor) }
        if problem == nil {
            size += bytes.count
            isTorn = false
        } else if !isRegular || ftruncate(descriptor, off_t(size)) != 0 {
            isTorn = true
        }
        return problem
    }

    var deadline: ContinuousClock.Instant? { nil }
    func completeIfDue(_ now: ContinuousClock.Instant) {}
    func complete() {}

    private func openFile() -> Int32? {
        if configuration.path == "-" {
            descriptor = STDOUT_FILENO
            return nil
        }
        descriptor = open(configuration.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return errno }
        var status = stat()
        isRegular = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        guard isRegular else { return nil }
        size = Int(lseek(descriptor, 0, SEEK_END))
        return size > 0 ? endTornLine() : nil
    }

    /// Ends an incomplete line that a crash has left, so that the next line does not continue it.
    private func endTornLine() -> Int32? {
        guard let reader = Optional(open(configuration.path, O_RDONLY | O_CLOEXEC)), reader >= 0 else { return nil }
        defer { close(reader) }
        var last: UInt8 = 0
        guard pread(reader, &last, 1, off_t(size - 1)) == 1, last != 0x0A else { return nil }
        size += 1
        return [UInt8(0x0A)].withUnsafeBytes { FileSystem.append($0, to: descriptor) }
    }

    private func rotate() {
        close(descriptor)
        descriptor = -1
        guard configuration.keepsFiles > 0 else { return FileSystem.remove(configuration.path) }
        for number in stride(from: configuration.keepsFiles - 1, through: 1, by: -1) {
            _ = FileSystem.rename("\(configuration.path).\(number)", "\(configuration.path).\(number + 1)")
        }
        _ = FileSystem.rename(configuration.path, "\(configuration.path).1")
    }
}
