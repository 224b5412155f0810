import Foundation

/// The warehouse as a process of its own, started from the same executable.
struct WarehouseProcess {
    /// It ended before it said where it listens.
    struct NotRunning: Error {}

    /// Where it listens, a port that was free.
    let url: String
    private let process = Process()
    private let input = Pipe()

    init(lines: String) throws {
        let output = Pipe()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["warehouse", "0", lines]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // Its first and only line.
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        url = line.trimmingCharacters(in: .whitespacesAndNewlines)
        guard url.hasPrefix("http://") else { throw NotRunning() }
    }

    /// Lets it answer what it is asked, send its last spans, and end.
    func stop() throws {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// In the warehouse: ends it when the process that started it closes its input, or is gone.
    static func endWithInput() {
        Thread.detachNewThread {
            while readLine() != nil {}
            kill(getpid(), SIGTERM)
        }
    }
}
