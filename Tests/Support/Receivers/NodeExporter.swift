/// A running prometheus-node-exporter with only its textfile collector, on a free loopback port.
public final class NodeExporter: Sendable {
    /// The port of `/metrics` on 127.0.0.1.
    public let port: UInt16

    private let service = Service("node-exporter")
    private let ports: [RefusedPort]

    /// Starts it and waits until it answers.
    /// - Parameters:
    ///   - directory: the directory of the `.prom` files.
    ///   - program: its path; `nil` for the one that is installed.
    public init(directory: String, program: String? = nil) async throws {
        let program = try program ?? Equipment.nodeExporter.require()
        ports = try Service.freePorts(1)
        port = ports[0].port
        let port = port
        try await service.start(
            program,
            [
                "--collector.disable-defaults", "--collector.textfile", "--collector.textfile.directory=\(directory)",
                "--web.listen-address=127.0.0.1:\(port)", "--web.disable-exporter-metrics",
            ]
        ) { (try? HTTPExchange(port: port, path: "/", limit: .seconds(20)))?.status == 200 }
    }

    deinit { stop() }

    /// The current metrics. Throws if the answer is not 200.
    public func metrics() throws -> String {
        let answer = try HTTPExchange(port: port, path: "/metrics")
        guard answer.status == 200 else { throw Refused(description: "\(answer.head)\n\(answer.text.prefix(200))") }
        return answer.text
    }

    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    /// Its output so far.
    public var logText: String { service.output + service.error }

    /// Ends the process.
    public func stop() {
        service.stop()
    }
}
