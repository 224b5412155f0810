import SpanKitPlatform

/// Compressed files of lines by date, for object stores and for ClickHouse's `s3` and `file` functions. Used by one thread.
///
/// A file that is being written is in the folder `.open`. When it is complete, it gets its name in
/// `year=2026/month=11/day=29/hour=20`, so that every file in these folders is complete. Lines are appended as whole members of gzip,
/// with one call each. The writer locks its file, so that the next process recognizes files whose process has ended, and completes
/// them.
final class DatedFile: LineFile, @unchecked Sendable {
    private let folder: String
    private let maximumBytes: Int
    private let maximumAge: Duration
    private let log: (String) -> Void
    private let now: () -> (instant: ContinuousClock.Instant, unixSeconds: Int64)
    private let compressor = GzipCompressor(level: 1)
    /// What distinguishes the files of this writer.
    private let writer: String
    private var number = 0
    private var descriptor: Int32 = -1
    private var name = ""
    private var size = 0
    private var hour: Int64 = 0
    private(set) var deadline: ContinuousClock.Instant?
    private var hasAdopted = false

    /// - Parameters:
    ///   - now: the current times.
    ///   - log: called with a line for each file that was left by a process that has ended, and for one that cannot be completed.
    init(
        _ configuration: LinesFileConfiguration,
        now: @escaping () -> (instant: ContinuousClock.Instant, unixSeconds: Int64) = { (.now, UnixTime.seconds()) },
        log: @escaping (String) -> Void
    ) {
        folder = configuration.path.hasSuffix("/") ? String(configuration.path.dropLast()) : configuration.path
        maximumBytes = max(1, configuration.maximumBytes)
        maximumAge = configuration.maximumAge
        self.now = now
        self.log = log
        var random = SystemRandomNumberGenerator()
        writer = "\(getpid())-\(String(random.next() as UInt32, radix: 16))"
    }

    deinit { complete() }

    private var openFolder: String { "\(folder)/.open" }

    /// The end of every line. A member of its own, so that bodies are not compressed again.
    private static let lineFeed: [UInt8] = {
        let bytes = [UInt8(0x0A)]
        return bytes.withUnsafeBytes { GzipCompressor(level: 1).compress($0) } ?? []
    }()

    func write(_ line: [UInt8], isCompressed: Bool) -> Int32? {
        let (instant, unixSeconds) = now()
        if descriptor >= 0, unixSeconds / 3_600 != hour { complete() }
        completeIfDue(instant)
        if descriptor < 0, let problem = begin(instant, unixSeconds) { return problem }
        guard let member = isCompressed ? line : line.withUnsafeBytes({ compressor.compress($0) }) else {
            return ENOMEM
        }
        let bytes = member + Self.lineFeed
        let problem = bytes.withUnsafeBytes { FileSystem.append($0, to: descriptor) }
        if problem == nil {
            size += bytes.count
            if size >= maximumBytes { complete() }
        } else if ftruncate(descriptor, off_t(size)) != 0 {
            // The rest of a member would end the file for its readers.
            complete()
        }
        return problem
    }

    func completeIfDue(_ now: ContinuousClock.Instant) {
        if let deadline, deadline <= now { complete() }
    }

    private func begin(_ instant: ContinuousClock.Instant, _ unixSeconds: Int64) -> Int32? {
        if let problem = FileSystem.makeDirectory(openFolder) { return problem }
        if !hasAdopted {
            hasAdopted = true
            adopt()
        }
        number += 1
        let time = CivilTime.text(unixNanoseconds: unixSeconds * 1_000_000_000).prefix(19).filter {
            $0 != "-" && $0 != ":"
        }
        name = "\(time)Z-\(writer)-\(number.digits(6)).jsonl.gz"
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC
        descriptor = open("\(openFolder)/\(name)", flags, 0o600)
        guard descriptor >= 0 else { return errno }
        _ = flock(descriptor, LOCK_EX | LOCK_NB)
        size = 0
        hour = unixSeconds / 3_600
        deadline = instant.advanced(by: maximumAge)
        return nil
    }

    /// Completes the file, so that it gets its name. The next line goes to a new one.
    func complete() {
        guard descriptor >= 0 else { return }
        publish(name, size)
        close(descriptor)
        descriptor = -1
        deadline = nil
    }

    /// Moves a file to the folder of its hour; removes it if it is empty.
    private func publish(_ name: String, _ bytes: Int) {
        guard bytes > 0, let target = Self.folder(of: name) else { return FileSystem.remove("\(openFolder)/\(name)") }
        let problem =
            FileSystem.makeDirectory("\(folder)/\(target)")
            ?? FileSystem.rename("\(openFolder)/\(name)", "\(folder)/\(target)/\(name)")
        if let problem {
            log(
                "\(openFolder)/\(name) cannot be moved to \(folder)/\(target): \(FileSystem.describe(problem)); move it yourself"
            )
        }
    }

    /// The folder of a file that is named `20261129T204512Z-…`; nil for other names.
    static func folder(of name: String) -> String? {
        let time = Array(name.prefix(16))
        guard name.hasSuffix(".jsonl.gz"), time.count == 16, time[8] == "T", time[15] == "Z",
            (time[0..<8] + time[9..<15]).allSatisfy({ $0.isASCII && $0.isNumber })
        else { return nil }
        let part = { (range: Range<Int>) in String(time[range]) }
        return "year=\(part(0..<4))/month=\(part(4..<6))/day=\(part(6..<8))/hour=\(part(9..<11))"
    }

    // MARK: Files of processes that have ended

    private func adopt() {
        for name in FileSystem.names(in: openFolder) where Self.folder(of: name) != nil {
            let path = "\(openFolder)/\(name)"
            let file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
            guard file >= 0 else { continue }
            defer { close(file) }
            guard flock(file, LOCK_EX | LOCK_NB) == 0, access(path, F_OK) == 0 else { continue }
            // The process may have been killed while it wrote the last line.
            let whole = Inflater.wholeMembers(of: file)
            guard ftruncate(file, off_t(whole)) == 0 else { continue }
            publish(name, whole)
            log("\(name) of a process that has ended is complete")
        }
    }
}
