import Foundation
import SpanKitTestSupport
import Testing

/// The configurations of `collector-config/otelcol` in the real Collector. Components that it has no package of are left out or
/// replaced (``available(_:)``); the comments of the files and `collector-config/README.md` name them.
@Suite("The real Collector", .generousTimeLimit)
struct RealCollectorTests {
    /// A configuration file without the components that the Collector of the tests lacks.
    private struct Available {
        var configuration: [String: Any]
        /// The types of the components that were left out or replaced.
        var missing: Set<String> = []

        subscript(section: String) -> [String: Any] {
            get { configuration[section] as? [String: Any] ?? [:] }
            set { configuration[section] = newValue }
        }

        /// Sets a value, such as `receivers.otlp.protocols.http.endpoint`.
        mutating func set(_ path: String, _ value: Any) {
            func changed(_ object: Any?, _ keys: ArraySlice<String>) -> Any {
                guard let key = keys.first else { return value }
                var members = object as? [String: Any] ?? [:]
                members[key] = changed(members[key], keys.dropFirst())
                return members
            }
            let keys = path.split(separator: ".").map(String.init)
            configuration = changed(configuration, keys[...]) as? [String: Any] ?? [:]
        }
    }

    private static let types: Set<String> = [
        "otlp", "memory_limiter", "batch", "otlp_http", "otlp_grpc", "debug", "file_storage",
    ]

    private static func type(_ name: String) -> String { String(name.split(separator: "/")[0]) }

    private static func available(_ file: String) async throws -> Available {
        var result = Available(
            configuration: try await CollectorConfigTests.object("\(CollectorConfigTests.root)/\(file)")
        )
        if var balancing = result["exporters"]["load_balancing"] as? [String: Any] {
            // Without the choice of a gateway: the same queue and retries, and the settings of its protocol.
            let inner = (balancing["protocol"] as? [String: Any])?["otlp"] as? [String: Any] ?? [:]
            for key in ["protocol", "resolver", "routing_key"] { balancing[key] = nil }
            balancing["endpoint"] = "otel-gateways.internal.example:4317"
            balancing.merge(inner.filter { !["sending_queue", "retry_on_failure"].contains($0.key) }) { $1 }
            result["exporters"]["otlp_grpc"] = balancing
            result["exporters"]["load_balancing"] = nil
            result.missing.insert("load_balancing")
        }
        for section in ["extensions", "receivers", "processors", "connectors", "exporters"] {
            for name in result[section].keys where !types.contains(type(name)) {
                result[section][name] = nil
                result.missing.insert(type(name))
            }
            if result[section].isEmpty { result.configuration[section] = nil }
        }
        var service = result["service"]
        func known(_ names: Any?, _ section: String) -> [String] {
            (names as? [String] ?? []).map { $0 == "load_balancing" ? "otlp_grpc" : $0 }
                .filter { result[section][$0] != nil }
        }
        service["extensions"] = known(service["extensions"], "extensions")
        let pipelines = service["pipelines"] as? [String: [String: Any]] ?? [:]
        service["pipelines"] = pipelines.compactMapValues { pipeline -> [String: [String]]? in
            let kept = Dictionary(
                uniqueKeysWithValues: ["receivers", "processors", "exporters"].map { ($0, known(pipeline[$0], $0)) }
            )
            return kept["receivers"] == [] || kept["exporters"] == [] ? nil : kept
        }
        // Its own metrics would need a port.
        service["telemetry"] = ["metrics": ["level": "none"]]
        result.configuration["service"] = service
        return result
    }

    @Test(
        "The Collector accepts the components that it has",
        .needs(.otelcol, .yaml),
        arguments: [
            ("otelcol/agent.yaml", ["health_check", "load_balancing"]),
            (
                "otelcol/gateway.yaml",
                ["attributes", "health_check", "prometheus", "span_metrics", "tail_sampling"]
            ),
        ]
    )
    func validate(file: String, missing: [String]) async throws {
        let available = try await Self.available(file)
        #expect(available.missing == Set(missing))
        #expect(try await Collector.complaints(about: available.configuration) == "")
        var wrong = available
        wrong.set("receivers.otlp.protocols.http.endpont", "127.0.0.1:4318")
        #expect(try await Collector.complaints(about: wrong.configuration).contains("endpont"))
        let head = try PackageFiles.text("collector-config/\(file)").split(separator: "\n").prefix { $0.hasPrefix("#") }
        for name in missing {
            #expect(head.contains { $0.contains("`\(name)`") }, "\(file) does not say that \(name) is not run")
        }
    }

    /// The agent's file: what programs send to, where its gateway is, and its queue.
    private static func agent(http: UInt16, grpc: UInt16, gateway: UInt16, queue: String) async throws -> [String: Any]
    {
        var agent = try await available("otelcol/agent.yaml")
        agent.set("receivers.otlp.protocols.http.endpoint", "127.0.0.1:\(http)")
        agent.set("receivers.otlp.protocols.grpc.endpoint", "127.0.0.1:\(grpc)")
        agent.set("exporters.otlp_grpc.endpoint", "127.0.0.1:\(gateway)")
        agent["extensions"] = ["file_storage/queue": ["directory": queue, "create_directory": true]]
        return agent.configuration
    }

    /// The gateway's file with one of its two backends.
    private static func gateway(http: UInt16, grpc: UInt16, backend: String, queue: String) async throws -> [String:
        Any]
    {
        var gateway = try await available("otelcol/gateway.yaml")
        gateway.set("receivers.otlp.protocols.http.endpoint", "127.0.0.1:\(http)")
        gateway.set("receivers.otlp.protocols.grpc.endpoint", "127.0.0.1:\(grpc)")
        gateway.set("exporters.otlp_http/tempo.endpoint", backend)
        gateway["exporters"]["otlp_grpc/jaeger"] = nil
        gateway.set("service.pipelines.traces/kept.exporters", ["otlp_http/tempo"])
        gateway["extensions"] = ["file_storage/queue": ["directory": queue, "create_directory": true]]
        return gateway.configuration
    }

    @Test(
        "Spans that the agent accepted survive an outage of the gateway and kill -9 of the agent",
        .needs(.otelcol, .rotel, .yaml)
    )
    func outage() async throws {
        let ports = try (0..<4).map { _ in try RefusedPort() }
        let number = ports.map(\.port)
        let rotel = try await Receiver.rotel()
        defer { rotel.stop() }
        try await withTemporaryDirectory { directory in
            let spanCount = 300
            let spans = (0..<spanCount).map { SampleLines.span("span \($0)", number: $0) }
            for (file, part) in [("one.jsonl", spans[..<200]), ("two.jsonl", spans[200...])] {
                let text = try SampleLines.line(service: "shop", Array(part))
                try text.write(to: directory.appending(path: file), atomically: true, encoding: .utf8)
            }
            let agentConfiguration = try await Self.agent(
                http: number[0],
                grpc: number[1],
                gateway: number[3],
                queue: directory.appending(path: "agent").path
            )
            func ship(_ file: String) async throws {
                let endpoint = "http://127.0.0.1:\(number[0])"
                let run = try await SpanKitProcess.run("ship", file, "--otlp-endpoint", endpoint, in: directory)
                #expect(run.status == 0, "\(run.output)\(run.error)")
            }
            // The gateway is not there. The agent accepts the spans into its queue, and is killed.
            let killed = try await Collector(agentConfiguration, httpPort: number[0])
            defer { killed.stop() }
            try await ship("one.jsonl")
            #expect(rotel.spanCount == 0)
            killed.kill()

            let agent = try await Collector(agentConfiguration, httpPort: number[0])
            defer { agent.stop() }
            try await ship("two.jsonl")
            let gatewayConfiguration = try await Self.gateway(
                http: number[2],
                grpc: number[3],
                backend: rotel.url,
                queue: directory.appending(path: "gateway").path
            )
            let gateway = try await Collector(gatewayConfiguration, httpPort: number[2])
            defer { gateway.stop() }
            // At least once: a span may arrive twice.
            try await eventually("every span arrives", Set(rotel.spans.map(\.spanID)).count) { $0 == spanCount }
        }
        withExtendedLifetime(ports) {}
    }
}
