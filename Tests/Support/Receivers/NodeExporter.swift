/// A running prometheus-node-exporter that reads nothing but the `.prom` files in one folder.
public final class NodeExporter: Sendable {
    /// Where it answers `GET /metrics`.
    public let port: UInt16

    private let service: Service
    private let ports: [RefusedPort]

    init(reading folder: String) async throws {
        let program = try Equipment.nodeExporter.require()
        service = try Service("node-exporter")
        ports = try Service.freePorts(1)
        port = ports[0].port
        let port = port
        try await service.start(
            program,
            [
                "--collector.disable-defaults", "--collector.textfile", "--collector.textfile.directory=\(folder)",
                "--web.listen-address=127.0.0.1:\(port)", "--web.disable-exporter-metrics",
            ]
        ) { (try? HTTPExchange(port: port, path: "/", limit: .seconds(2))) != nil }
    }

    /// One scrape: the lines of the exposition format.
    public func scrape() throws -> [String] {
        try HTTPExchange(port: port, path: "/metrics").text.split(separator: "\n").map(String.init)
    }

    /// What it complained about.
    public var log: String { service.error }

    /// True until a file kills it or `stop()` ends it.
    public var isRunning: Bool { service.identifier != nil }

    /// Ends it.
    public func stop() {
        service.stop()
    }
}
