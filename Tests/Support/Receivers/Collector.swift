import Foundation

/// A running OpenTelemetry Collector, which `.ci/otelcol` builds from the packages of its core.
public final class Collector: Sendable {
    private let service: Service

    /// Starts it, and waits until it listens.
    /// - Parameters:
    ///   - configuration: the content of its configuration file.
    ///   - httpPort: where its OTLP receiver listens for HTTP.
    public init(_ configuration: [String: Any], httpPort: UInt16) async throws {
        let program = try Equipment.otelcol.require()
        service = Service("otelcol")
        let path = try Self.write(configuration, in: service.folder)
        try await service.start(program, ["--config", "file:\(path)"]) {
            (try? HTTPExchange(port: httpPort, path: "/", limit: .seconds(20))) != nil
        }
    }

    /// Checks a configuration without running it.
    /// - Returns: what is wrong; empty if nothing is.
    public static func complaints(about configuration: [String: Any]) async throws -> String {
        let folder = TemporaryFolder("otelcol")
        defer { folder.remove() }
        let path = try write(configuration, in: folder.path)
        let run = try await Command.run(.otelcol, ["validate", "--config", "file:\(path)"])
        return run.status == 0 ? "" : run.output + run.error
    }

    /// YAML is a superset of JSON.
    private static func write(_ configuration: [String: Any], in folder: String) throws -> String {
        let path = "\(folder)/configuration.yaml"
        try JSONSerialization.data(withJSONObject: configuration, options: [.sortedKeys, .withoutEscapingSlashes])
            .write(to: URL(filePath: path))
        return path
    }

    /// Ends it at once, as a crash does.
    public func kill() {
        if let identifier = service.identifier { Foundation.kill(identifier, SIGKILL) }
        service.stop()
    }

    /// Ends it.
    public func stop() { service.stop() }
}
