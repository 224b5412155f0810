import ArgumentParser
import Foundation
import SpanKit
import SpanKitCLI
import SpanKitOTLP
import SpanKitPlatform
import SpanKitStore
import SpanKitSummaries

/// `spankit serve`
package struct ServeCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        "serve",
        abstract: "Receive spans, log records and metrics, and show them in a browser.",
        discussion: """
            Receives OTLP over HTTP (protobuf and JSON) at the endpoint that it prints, stores it in SQLite and shows it at the \
            address that it prints. Without --store, the data is removed when the command ends.

            Files are loaded at the start, and followed while they grow: OTLP as JSON lines or protobuf, or Jaeger or Zipkin JSON. \
            A program after -- is started with OTEL_EXPORTER_OTLP_ENDPOINT set. The command ends with the program, with its exit \
            status.

            Only programs of this machine can connect, and websites cannot read anything. --listen with --token opens the server to \
            other machines.

            Exit status: 0 ended by Ctrl-C or SIGTERM, 64 wrong usage, 65 the store or a file cannot be read, 69 the port is in use, \
            73 the store cannot be written; with a program, its status.
            """,
        examples: [
            "serve", "serve --store traces.sqlite --max-age 30", "serve traces.jsonl", "serve -- swift run server",
        ]
    )

    @Argument(help: ArgumentHelp("Files to load, and after -- a program to start.", valueName: "files"))
    var words: [String] = []

    @Option(help: ArgumentHelp("The port; 0 picks a free one.", valueName: "number"))
    var port = 4_318

    @Option(help: ArgumentHelp("Keep the data in this file.", valueName: "file"))
    var store: String?

    @Option(help: ArgumentHelp("Remove the oldest traces above this size.", valueName: "megabytes"))
    var maxSize = 2_000

    @Option(help: ArgumentHelp("Remove what is older.", valueName: "days"))
    var maxAge = 7.0

    @Option(help: ArgumentHelp("Also show the spans of processes that record into this spool.", valueName: "directory"))
    var spool: String?

    @Flag(help: "Redact what is stored, with the rules of SPANKIT_REDACTION, or with all detectors if it is not set.")
    var redact = false

    @Option(help: ArgumentHelp("Listen on this address instead of 127.0.0.1; needs --token.", valueName: "address"))
    var listen: String?

    @Option(help: ArgumentHelp("The secret that every request needs, at least 16 characters.", valueName: "text"))
    var token: String?

    @Option(help: ArgumentHelp("A further name of this machine that requests may use.", valueName: "name"))
    var host: [String] = []

    @Option(
        help: ArgumentHelp("A website that may send telemetry, such as https://app.example.com.", valueName: "origin")
    )
    var cors: [String] = []

    @Flag(help: "Print a line for each trace that ends, and the causes of its failures.")
    var tail = false

    package init() {}

    /// The number of words after `--`, which are the program. The parser cannot tell them from the files.
    private var programCount: Int {
        CommandLine.arguments.firstIndex(of: "--").map { CommandLine.arguments.count - $0 - 1 } ?? 0
    }

    private var files: [String] { words.dropLast(programCount) }
    private var program: [String] { words.suffix(programCount) }

    package func run() async throws {
        try check()
        let place = try StorePlace(store)
        defer { place.remove() }
        let limits = StoreLimits(bytes: maxSize * 1_000_000, age: .seconds(maxAge * 86_400))
        let store: Store
        do { store = try Store(path: place.path, limits: limits) } catch { throw CommandFailure(.data, "\(error)") }
        defer { store.close() }
        let redaction = redact ? TelemetryConfiguration.environment().redaction ?? Redaction([.detectors(.all)]) : nil
        let backend = Backend(store, redaction: redaction, spools: spool.map { [$0] } ?? [])
        let names = ["127.0.0.1", "localhost", "[::1]"] + host + (listen.map { [Self.bracketed($0)] } ?? [])
        let server = BackendServer(
            backend,
            host: listen ?? "127.0.0.1",
            port: port,
            names: names,
            origins: cors,
            token: token
        )
        let signals = TerminationSignals()
        signals.listen()
        let lines = tail ? Task { await TraceTail(backend, output: output).run() } : nil
        let outcome: Result<Int32, any Error>
        do { outcome = .success(try await serve(server, backend, place, signals)) } catch { outcome = .failure(error) }
        lines?.cancel()
        await lines?.value
        let status = try outcome.get()
        if !program.isEmpty, place.isTemporary, store.counts.traces > 0 {
            let traces = Readable.count(store.counts.traces, of: "trace", "was", "were")
            StandardStreams.note(
                "\(program[0]) has ended; \(traces) removed with the temporary store. To look at them afterwards, give --store FILE and "
                    + "then start 'spankit serve --store FILE'"
            )
        }
        if status != 0 {
            store.close()
            place.remove()
            throw ExitCode(status)
        }
    }

    private func check() throws(CommandFailure) {
        func wrong(_ text: String) -> CommandFailure { CommandFailure(.usage, text) }
        guard 0...65_535 ~= port else { throw wrong("--port: \(port) is not between 0 and 65535") }
        guard 10...1_000_000 ~= maxSize else {
            throw wrong("--max-size: \(maxSize) is not between 10 and 1000000 (MB)")
        }
        guard maxAge >= 0.01, maxAge <= 3_650 else {
            throw wrong("--max-age: \(maxAge) is not between 0.01 and 3650 (days)")
        }
        if let token, token.utf8.count < 16 || !token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x3B }) {
            throw wrong("--token: give at least 16 letters and digits, such as the output of 'openssl rand -hex 16'")
        }
        if let listen, !["127.0.0.1", "::1", "localhost"].contains(listen), token == nil {
            throw wrong("--listen \(listen): other machines could read everything; also give --token TEXT")
        }
        for file in files where file != "-" {
            guard access(file, R_OK) == 0 else {
                throw CommandFailure(.data, "\(file): \(FileSystem.describe(errno))")
            }
        }
        if let spool, !FileSystem.isDirectory(spool) {
            throw CommandFailure(.data, "\(spool): no such directory; give --spool the directory of a spool")
        }
    }

    private static func bracketed(_ address: String) -> String { address.contains(":") ? "[\(address)]" : address }

    /// Runs until a signal, or until the program ends.
    /// - Returns: The exit status.
    private func serve(
        _ server: BackendServer,
        _ backend: Backend,
        _ place: StorePlace,
        _ signals: TerminationSignals
    ) async throws -> Int32 {
        let outcome = Locked<Result<Int32, CommandFailure>>(.success(0))
        let running = Locked<Task<Void, Never>?>(nil)
        signals.onFirst { server.stop() }
        do {
            try await server.run { port in
                let task = Task {
                    do {
                        announce(port, backend, place)
                        let status = try await work(backend, port, server, signals)
                        outcome.withLock { $0 = .success(status) }
                    } catch let failure as CommandFailure {
                        outcome.withLock { $0 = .failure(failure) }
                        server.stop()
                    } catch {
                        outcome.withLock { $0 = .failure(CommandFailure(.cannotCreate, "\(error)")) }
                        server.stop()
                    }
                }
                running.withLock { $0 = task }
            }
        } catch let error as IOFailure where error.isAddressInUse {
            throw CommandFailure(
                .unavailable,
                "port \(port) is in use, maybe by another 'spankit serve' or a collector; end that, or give --port 0"
            )
        } catch let error as IOFailure {
            throw CommandFailure(.unavailable, "cannot listen on \(listen ?? "127.0.0.1"):\(port): \(error.reason)")
        }
        let task = running.withLock { $0 }
        task?.cancel()
        await task?.value
        return try outcome.withLock { $0 }.get()
    }

    private func announce(_ port: Int, _ backend: Backend, _ place: StorePlace) {
        let address = address(port)
        let exported = variables(port).filter { $0.key.hasPrefix("OTEL_") }.sorted { $0.key < $1.key }
            .map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        let size = maxSize.isMultiple(of: 1_000) ? "\(maxSize / 1_000) GB" : "\(maxSize) MB"
        let days = maxAge == maxAge.rounded() ? "\(Int(maxAge))" : "\(maxAge)"
        let keeps = place.isTemporary ? "removed when this command ends; --store FILE keeps it" : "kept"
        var lines = [
            "export \(exported)", "open \(address)/\(token.map { "?t=\($0)" } ?? "")",
            "stores in \(place.path) (at most \(size) and \(days) days; \(keeps))",
        ]
        let evicted = backend.store.counts
        if evicted.evictedTraces > 0 {
            let traces = Readable.count(evicted.evictedTraces, of: "trace", "was removed", "were removed")
            lines.append("\(traces) earlier to keep these limits")
        }
        output.write(lines.joined(separator: "\n") + "\n")
    }

    /// Where lines for people and for `eval` are written. A program that runs has standard output for itself.
    private var output: StandardStream { program.isEmpty ? StandardStreams.output : StandardStreams.error }

    /// Loads the files, follows them and the spool, and runs the program.
    /// - Returns: The status of the program; 0 without one.
    private func work(
        _ backend: Backend,
        _ port: Int,
        _ server: BackendServer,
        _ signals: TerminationSignals
    ) async throws -> Int32 {
        var inputs = try FollowedInputs(files, spool: spool, backend.door)
        try await inputs.load()
        guard !program.isEmpty else {
            try await inputs.follow()
            return 0
        }
        let child: ServedProgram
        do { child = try ServedProgram(program, adding: variables(port)) } catch {
            throw CommandFailure(.usage, "\(program[0]): cannot be started (\(FileSystem.describe(error.number)))")
        }
        signals.onFirst {
            // On a terminal, Ctrl-C reaches the program without this process.
            let number = signals.signalNumber ?? SIGTERM
            if number != SIGINT || isatty(STDIN_FILENO) == 0 { child.send(number) }
        }
        async let status = end(of: child, server)
        do { try await inputs.follow() } catch {
            StandardStreams.note("files and spool are not followed any more: \(error)")
        }
        return await status
    }

    private func end(of child: ServedProgram, _ server: BackendServer) async -> Int32 {
        let status = await child.status()
        server.stop()
        return status
    }

    /// The variables of the environment with which a program sends to this server.
    private func variables(_ port: Int) -> [String: String] {
        let environment = ProcessInfo.processInfo.environment
        var variables = ["OTEL_EXPORTER_OTLP_ENDPOINT": address(port)]
        if environment["OTEL_EXPORTER_OTLP_PROTOCOL"].map({ !$0.hasPrefix("http/") }) ?? true {
            // The default of some SDKs is gRPC.
            variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf"
        }
        if let token { variables["OTEL_EXPORTER_OTLP_HEADERS"] = "authorization=Bearer%20\(token)" }
        if let spool, environment["SPANKIT_SPOOL_DIR"] == nil { variables["SPANKIT_SPOOL_DIR"] = spool }
        return variables
    }

    /// The address of the server for programs on this machine.
    private func address(_ port: Int) -> String {
        let host = ["0.0.0.0": "127.0.0.1", "::": "::1"][listen ?? "127.0.0.1"] ?? listen ?? "127.0.0.1"
        return "http://\(Self.bracketed(host)):\(port)"
    }
}
