import Foundation

/// The warehouse in its own process, started from the same executable.
struct WarehouseProcess {
    /// The process ended before it printed its URL.
    struct NotRunning: Error {}

    /// The URL of the warehouse, on a free port.
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
        // The only line that the process prints.
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        url = line.trimmingCharacters(in: .whitespacesAndNewlines)
        guard url.hasPrefix("http://") else { throw NotRunning() }
    }

    /// Ends the process after it has answered its requests and sent its spans.
    func stop() throws {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Ends this process when its standard input closes. The process that started it closes it, or ends.
    static func endWithInput() {
        Thread.detachNewThread {
            while readLine() != nil {}
            kill(getpid(), SIGTERM)
        }
    }
}
