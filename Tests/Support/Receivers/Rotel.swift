import Foundation

/// A running rotel, an OpenTelemetry collector that prints every received span and log record to its standard output.
public final class Rotel: Sendable {
    /// Where to send, without a path: `http://127.0.0.1:PORT`.
    public var url: String { "http://127.0.0.1:\(port)" }
    /// Where it listens for OTLP over HTTP.
    public let port: UInt16

    /// Where to send over gRPC: `http://127.0.0.1:PORT`.
    public var grpcURL: String { "http://127.0.0.1:\(grpcPort)" }
    /// Where it listens for OTLP over gRPC.
    public var grpcPort: UInt16 { ports[1].port }

    private let service: Service
    private let ports: [RefusedPort]

    /// - Parameters:
    ///   - script: a shell script that starts it with the addresses in `ROTEL_HTTP` and `ROTEL_GRPC`; nil to start it here.
    ///   - target: the receiver to which it forwards, in protobuf over HTTP; nil for none.
    init(script: String? = nil, target: String? = nil) async throws {
        let program = try Equipment.rotel.require()
        service = Service("rotel")
        ports = try Service.freePorts(2)
        port = ports[0].port
        let port = port
        let addresses = ports.map { "127.0.0.1:\($0.port)" }
        try await service.start(
            script == nil ? program : "/bin/sh",
            script.map { [$0] } ?? [
                "start", "--otlp-http-endpoint", addresses[0], "--otlp-grpc-endpoint", addresses[1],
                "--debug-log", "traces", "--debug-log", "logs", "--debug-log-verbosity", "detailed",
                "--pid-file", service.folder + "/pid", "--log-file", service.folder + "/log",
            ]
                + (target.map {
                    ["--exporter", "otlp", "--otlp-exporter-endpoint", $0, "--otlp-exporter-protocol", "http"]
                }
                    ?? ["--exporter", "blackhole"]),
            environment: [
                "ROTEL_HTTP": addresses[0], "ROTEL_GRPC": addresses[1], "SPANKIT_RECEIVERS": Equipment.home,
            ]
        ) { (try? HTTPExchange(port: port, path: "/", limit: .seconds(20))) != nil }
    }

    /// Its output without colors: the spans, the log records, and a line for each body that it could not decode.
    public var output: String {
        service.output.replacing(/\u{1B}\[[0-9;]*m/, with: "")
    }

    /// The spans so far, in the order in which they arrived. Names can contain line breaks.
    public var spans: [ReceivedSpan] { Self.spans(in: service.output) }

    /// The number of spans so far, which is cheaper than `spans`.
    public var spanCount: Int { service.output.components(separatedBy: "\n    Parent ID      : ").count - 1 }

    /// The number of log records so far.
    public var logRecordCount: Int { output.components(separatedBy: "\nLogRecord #").count - 1 }

    /// The bodies of the log records so far, in the order in which they arrived, such as `Str(a message)`.
    public var logBodies: [String] {
        output.split(separator: "\n").filter { $0.hasPrefix("Body: ") }.map { String($0.dropFirst(6)) }
    }

    /// Waits until so many spans were printed, without blocking a thread of the pool.
    /// - Returns: all of them.
    public func spans(atLeast count: Int) async throws -> [ReceivedSpan] {
        try await eventually("rotel prints \(count) spans", spanCount) { $0 >= count }
        return spans
    }

    /// Ends it.
    public func stop() {
        service.stop()
    }

    /// A span is printed as lines in a fixed order; a name may run over several of them.
    private static func spans(in output: String) -> [ReceivedSpan] {
        let blocks = output.components(separatedBy: "\n    Trace ID       : ")
        return blocks.dropFirst().compactMap { block in
            var lines = block.components(separatedBy: "\n")[...]
            func next(_ label: String) -> String? {
                guard let line = lines.first, line.hasPrefix(label) else { return nil }
                lines.removeFirst()
                return String(line.dropFirst(label.count))
            }
            guard let traceID = next(""), let parentSpanID = next("    Parent ID      : "),
                let spanID = next("    ID             : "), var name = next("    Name           : ")
            else { return nil }
            while let line = lines.first, !line.hasPrefix("    Kind           : ") {
                name += "\n" + line
                lines.removeFirst()
            }
            guard let kind = next("    Kind           : ") else { return nil }
            _ = next("    TraceState     : ")
            guard let start = next("Start time: "), let end = next("End time: ") else { return nil }
            // Not printed where the span has none.
            let status = next("    Status code    : ") ?? ""
            return ReceivedSpan(
                traceID: traceID,
                spanID: spanID,
                parentSpanID: parentSpanID,
                name: name,
                kind: ReceivedSpan.kind(kind) ?? -1,
                startNanoseconds: UInt64(start) ?? 0,
                endNanoseconds: UInt64(end) ?? 0,
                status: status.isEmpty ? 0 : ReceivedSpan.status(status) ?? -1
            )
        }
    }
}
