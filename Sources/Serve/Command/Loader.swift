import SpanKitCLI
import SpanKitInputs
import SpanKitOTLP
import SpanKitPlatform
import SpanKitStore

/// Adds spans, log records and metrics of files and recordings to a store.
struct Loader {
    private static let spanLimit = 2_000
    private static let byteLimit = 4 * 1_024 * 1_024

    private let door: Door
    private var batch: WireBatch
    private var encoding = WireEncoding()
    /// The bodies that are complete.
    private var bodies: [[UInt8]] = []

    init(_ door: Door) {
        self.door = door
        batch = WireBatch(.protobuf, nil)
    }

    /// Adds a file: OTLP as JSON lines or protobuf, or Jaeger or Zipkin JSON, optionally compressed.
    /// - Returns: The number of spans, and a sentence for each problem.
    mutating func load(_ file: String) async throws -> (spans: Int, problems: [String]) {
        var problems: [String] = []
        var decoder = TraceDecoder(forwards: true)
        var others = OtherSignalLines()
        do {
            let input = try InputBytes(path: file)
            while let bytes = try input.next() {
                decoder.decode(bytes) { add($0) }
                others.add(bytes)
                try await write()
                try await write(others.take())
            }
        } catch let problem as InputBytes.Problem {
            problems.append(problem.description)
        }
        decoder.finish { add($0) }
        try await write(isLast: true)
        try await write(others.finish())
        problems += decoder.problems.prefix(5).map { "\(file): \($0)" }
        if decoder.problemCount > 5 { problems.append("\(file): \(decoder.problemCount - 5) more problems") }
        return (decoder.spanCount, problems)
    }

    /// Adds a span to the current batch.
    mutating func add(_ span: DecodedSpan) {
        guard let wire = encoding.wire(of: span) else { return }
        batch.add(wire, spanLimit: Self.spanLimit, byteLimit: Self.byteLimit) { body, _ in bodies.append(body) }
    }

    /// Writes the complete bodies, or all.
    mutating func write(isLast: Bool = false) async throws {
        if isLast, batch.spanCount > 0 { bodies.append(batch.take()) }
        for body in bodies { try await door.write(.traces, body) }
        bodies = []
    }

    private func write(_ lines: [(Signal, [UInt8])]) async throws {
        for (signal, body) in lines { try await door.write(signal, body) }
    }
}

/// Finds the lines of OTLP JSON with log records and metrics, which ``TraceDecoder`` does not forward.
struct OtherSignalLines {
    private static let longest = 64 * 1_024 * 1_024
    private var line: [UInt8] = []
    private var found: [(Signal, [UInt8])] = []

    mutating func add(_ bytes: [UInt8]) {
        for part in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            if part.offset > 0 { endLine() }
            if line.count + part.element.count <= Self.longest { line += part.element }
        }
    }

    mutating func take() -> [(Signal, [UInt8])] {
        defer { found = [] }
        return found
    }

    mutating func finish() -> [(Signal, [UInt8])] {
        endLine()
        return take()
    }

    /// Ends a line without a line break if it is complete.
    mutating func endCompleteLine() {
        let (line, count) = (line, found.count)
        endLine()
        if found.count == count { self.line = line }
    }

    mutating func endLine() {
        defer { line.removeAll(keepingCapacity: true) }
        guard line.first == UInt8(ascii: "{") else { return }
        for signal in [Signal.logs, .metrics] {
            let name = signal == .logs ? "\"resourceLogs\"" : "\"resourceMetrics\""
            guard line.prefix(64).firstRange(of: Array(name.utf8)) != nil,
                let type = MessageType.request(ofSignal: signal.rawValue),
                let body = Transcoder.convert(line, type, to: .protobuf)?.bytes
            else { continue }
            found.append((signal, body))
        }
    }
}
