import SpanKitCLI
import SpanKitInputs
import SpanKitPlatform
import SpanKitSummaries

/// The files and the spool of a command line, which are added to the store while they grow.
struct FollowedInputs {
    private static let interval = Duration.milliseconds(250)
    /// A spool is read less often, because all its processes are.
    private static let roundsOfSpool = 4

    private var files: [LoadedFile] = []
    private var spool: SpoolFollower?

    /// - Throws: ``CommandFailure`` if a file cannot be opened.
    init(_ paths: [String], spool: String?, _ door: Door) throws(CommandFailure) {
        for path in paths {
            do { files.append(try LoadedFile(path, door)) } catch { throw CommandFailure(.data, error.description) }
        }
        self.spool = spool.map { SpoolFollower($0, door) }
    }

    /// Adds what is there, and says how much that was.
    mutating func load() async throws {
        for place in files.indices {
            try await files[place].read().forEach(StandardStreams.note)
            let file = files[place]
            guard !file.isStream else { continue }
            StandardStreams.note("\(file.path): \(Readable.count(file.spanCount, of: "span"))")
        }
        try await spool?.look()
    }

    /// Adds what is new, until the task is cancelled or nothing can grow.
    mutating func follow() async throws {
        var round = 0
        while spool != nil || files.contains(where: \.canGrow) {
            do { try await Task.sleep(for: Self.interval) } catch { return }
            round += 1
            for place in files.indices where files[place].canGrow {
                try await files[place].read().forEach(StandardStreams.note)
                let file = files[place]
                guard !file.canGrow, file.isStream else { continue }
                StandardStreams.note(
                    "\(file.path == "-" ? "standard input" : file.path): ended, \(Readable.count(file.spanCount, of: "span"))"
                )
            }
            if round.isMultiple(of: Self.roundsOfSpool) { try await spool?.look() }
        }
    }
}
