import Foundation
import SpanKitTestSupport
import Testing

/// The real `spankit`, started as a process with its own environment.
struct SpanKitProcess {
    /// The result of a run.
    struct Outcome {
        let status: Int32
        let output: String
        let error: String

        /// The lines on standard error that are not progress.
        var complaints: [String] {
            error.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("spankit: scenario ") }
        }

        /// The JSON document on standard output.
        func document() throws -> [String: Any] {
            let json = try JSONSerialization.jsonObject(with: Data(output.utf8))
            return try #require(json as? [String: Any], "\(output) \(error)")
        }

        /// The rows of the JSON document on standard output.
        func rows() throws -> [[String: Any]] { try #require(try document()["rows"] as? [[String: Any]], "\(output)") }
    }

    let directory: URL
    private let process = Process()
    private var outputFile: URL { directory.appending(path: ".stdout") }
    private var errorFile: URL { directory.appending(path: ".stderr") }

    /// The path of the executable.
    static let program = Bundle.module.bundleURL.deletingLastPathComponent().appending(path: "spankit").path

    /// Prepares a run whose working directory is `directory`.
    /// - Parameter shell: A shell command in which `spankit` is the program, instead of plain arguments.
    init(
        _ arguments: [String] = [],
        shell: String? = nil,
        in directory: URL,
        environment: [String: String] = [:]
    ) throws {
        self.directory = directory
        let program = Self.program
        try #require(FileManager.default.isExecutableFile(atPath: program), "\(program) is not built")
        let inherited = ProcessInfo.processInfo.environment.filter {
            ["PATH", "LD_LIBRARY_PATH", "TMPDIR"].contains($0.key)
        }
        process.environment = inherited.merging(["LANG": "C.UTF-8", "TZ": "UTC"]) { $1 }.merging(environment) { $1 }
        process.currentDirectoryURL = directory
        // A shell in the background ignores SIGINT, and children inherit that; a user's terminal does not.
        process.executableURL = URL(filePath: "/usr/bin/env")
        let command =
            shell.map { ["bash", "-c", "spankit() { '\(program)' \"$@\"; }; \($0)"] } ?? [program] + arguments
        process.arguments = ["--default-signal=INT,TERM"] + command
        process.standardInput = FileHandle.nullDevice
        for file in [outputFile, errorFile] { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: outputFile)
        process.standardError = try FileHandle(forWritingTo: errorFile)
    }

    /// Runs to the end.
    static func run(
        _ arguments: String...,
        in directory: URL,
        environment: [String: String] = [:]
    ) async throws -> Outcome {
        try await SpanKitProcess(arguments, in: directory, environment: environment).finish()
    }

    /// Starts and waits for the end.
    func finish() async throws -> Outcome {
        try start()
        return try await end()
    }

    func start() throws {
        try process.run()
    }

    func send(_ signal: Int32) {
        kill(process.processIdentifier, signal)
    }

    /// Waits until standard error contains the text.
    func waitForError(containing text: String) async throws {
        func error() throws -> String { try String(contentsOf: errorFile, encoding: .utf8) }
        try await eventually("standard error holds '\(text)'", try error()) { $0.contains(text) || !process.isRunning }
        #expect(try error().contains(text), "ended before it wrote '\(text)'")
    }

    /// Waits until standard output is as expected.
    func waitForOutput(_ what: String, until isExpected: (String) -> Bool) async throws {
        try await eventually(what, try String(contentsOf: outputFile, encoding: .utf8), until: isExpected)
    }

    /// Waits for the end. A process that hangs is killed, so that the test fails.
    func end() async throws -> Outcome {
        try await process.end()
        return Outcome(
            status: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus,
            output: try String(contentsOf: outputFile, encoding: .utf8),
            error: try String(contentsOf: errorFile, encoding: .utf8)
        )
    }
}

extension Process {
    /// Waits for the end; kills the process and throws if it hangs.
    func end() async throws {
        do {
            try await eventually("process \(processIdentifier) ends", isRunning) { !$0 }
        } catch {
            kill(processIdentifier, SIGKILL)
            throw error
        }
    }
}

/// A directory for one test, which is removed afterwards.
func withTemporaryDirectory<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
    let folder = TemporaryFolder()
    defer { folder.remove() }
    return try await body(URL(filePath: folder.path))
}

/// The results files in a directory, sorted by name.
func resultsFiles(in directory: URL) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
        .filter { $0.lastPathComponent.hasPrefix("profiling-results-") }
        .sorted { $0.path < $1.path }
}
