import ArgumentParser
import Foundation

/// The program that runs SQL on this machine: `clickhouse local`, or Python with chDB.
enum SQLEngine {
    /// `clickhouse` or `clickhouse-local`, which are one program.
    case clickHouse(program: String)
    case chDB(python: String)

    static let advice = "install ClickHouse (https://clickhouse.com/docs/install) or chDB (pip install chdb)"

    /// Finds an engine in `PATH`.
    /// - Throws: ``CommandFailure`` with status 64.
    static func find() throws(CommandFailure) -> SQLEngine {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        func program(_ name: String) -> String? {
            folders.lazy.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        }
        if let program = program("clickhouse-local") ?? program("clickhouse") { return .clickHouse(program: program) }
        if let python = program("python3") { return .chDB(python: python) }
        throw CommandFailure(.usage, "there is no engine for SQL; \(advice)")
    }

    /// Runs statements.
    /// - Returns: The answer to the last one, in the format `JSONCompact`.
    /// - Parameter signals: Ctrl-C and SIGTERM, which end the run, so that the folder can be removed.
    /// - Throws: ``CommandFailure`` with status 65 if a statement fails, and 64 if there is no engine. `ExitCode` after a signal.
    func run(_ statements: [SQLStatement], in folder: SQLFolder, _ signals: TerminationSignals) throws -> [UInt8] {
        let input = "\(folder.path)/statements"
        let run: Run
        switch self {
        case .clickHouse(let program):
            try Data(statements.map(\.sql).joined(separator: ";\n").utf8).write(to: URL(filePath: input))
            let values = statements.reduce(into: [:]) { $0.merge($1.parameters) { $1 } }
            run = try Run(
                program,
                (program.hasSuffix("-local") ? [] : ["local"])
                    + ["--path", "\(folder.path)/database", "--output-format", "JSONCompact", "--queries-file", input]
                    + values.sorted { $0.key < $1.key }.map { "--param_\($0.key)=\($0.value)" },
                in: folder,
                signals
            )
        case .chDB(let python):
            let request = Request(folder: "\(folder.path)/database", statements: statements)
            try JSONEncoder().encode(request).write(to: URL(filePath: input))
            run = try Run(python, ["-c", SQLFile.chDBProgram], input: input, in: folder, signals)
            if run.status == 3 {
                throw CommandFailure(.usage, "there is no engine for SQL: \(python) has no module chdb; \(Self.advice)")
            }
        }
        if let number = signals.signalNumber { throw ExitCode(128 + number) }
        guard run.status == 0 else { throw Self.failure(folder.naming(run.error)) }
        return run.output
    }

    private struct Request: Encodable {
        let folder: String
        let statements: [SQLStatement]
    }

    /// An error with the message of the engine.
    static func failure(_ text: String) -> CommandFailure {
        CommandFailure(.data, "the query failed: \(Self.message(text))")
    }

    /// The engine's message without codes and versions, on one line.
    static func message(_ text: String) -> String {
        var line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if let start = line.ranges(of: "DB::Exception: ").last?.upperBound { line = String(line[start...]) }
        if let end = line.range(of: " (version ")?.lowerBound { line = String(line[..<end]) }
        for place in [": While processing ", ": While executing ", ": while executing "] {
            if let end = line.range(of: place)?.lowerBound { line = String(line[..<end]) }
        }
        line = line.replacing(/\.? \([A-Z_]+\)$/, with: "")
        return line.count > 500 ? line.prefix(500) + "…" : line.isEmpty ? "the engine gave no reason" : line
    }
}

/// A run of the engine to its end.
private struct Run {
    let status: Int32
    let output: [UInt8]
    let error: String

    /// - Parameter input: The file that is its standard input.
    init(
        _ program: String,
        _ arguments: [String],
        input: String? = nil,
        in folder: SQLFolder,
        _ signals: TerminationSignals
    ) throws {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder.path)
        // Neither settings of a client nor credentials reach the program.
        let inherited = ProcessInfo.processInfo.environment.filter {
            ["PATH", "LD_LIBRARY_PATH", "LANG"].contains($0.key)
        }
        process.environment = inherited.merging(["HOME": folder.path, "TMPDIR": folder.path]) { $1 }
        process.standardInput =
            try input.map { try FileHandle(forReadingFrom: URL(filePath: $0)) } ?? FileHandle.nullDevice
        // Files, because a full pipe that is not being read would stop the program.
        let files = ["output", "error"].map { URL(filePath: "\(folder.path)/\($0)") }
        for file in files { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        do { try process.run() } catch {
            throw CommandFailure(.usage, "\(program): cannot be started: \(error.localizedDescription)")
        }
        let identifier = process.processIdentifier
        // Not SIGTERM, which a child of Foundation's `Process` may have blocked. The engine's files are in the folder, which goes as well.
        signals.onFirst { _ = kill(identifier, SIGKILL) }
        process.waitUntilExit()
        signals.onFirst {}
        status = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
        output = [UInt8](try Data(contentsOf: files[0]))
        error = String(decoding: try Data(contentsOf: files[1]), as: UTF8.self)
    }
}
