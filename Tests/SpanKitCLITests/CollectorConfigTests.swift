import Foundation
import SpanKitTestSupport
import Testing

@Suite("The collector configurations", .generousTimeLimit)
struct CollectorConfigTests {
    static let root = PackageFiles.url("collector-config").path
    static let pipelineFiles = [
        "otelcol/agent.yaml", "otelcol/gateway.yaml", "otelcol/kafka-agent.yaml", "otelcol/kafka-gateway.yaml",
        "jaeger/jaeger.yaml",
    ]

    // MARK: Prometheus

    @Test("promtool accepts the scrape configuration with its rules", .needs(.promtool))
    func scrapeConfiguration() async throws {
        let check = try await Command.run(.promtool, ["check", "config", "\(Self.root)/prometheus/prometheus.yml"])
        #expect(check.status == 0, "\(check.output)\(check.error)")
        #expect(check.output.contains("SUCCESS: 3 rule files found"))
    }

    @Test("promtool finds no problems in the rules", .needs(.promtool))
    func rules() async throws {
        let files = try PackageFiles.paths(in: "collector-config/prometheus/rules", suffix: ".rules.yml")
        #expect(files.count == 3)
        let check = try await Command.run(.promtool, ["check", "rules", "--lint-fatal"] + files)
        #expect(check.status == 0, "\(check.output)\(check.error)")
    }

    @Test("Every alert fires when it should, and only then", .needs(.promtool))
    func ruleTests() async throws {
        let files = try PackageFiles.paths(in: "collector-config/prometheus/tests", suffix: ".test.yml")
        let check = try await Command.run(.promtool, ["test", "rules"] + files)
        #expect(check.status == 0, "\(check.output)\(check.error)")
        // No alert without a test in which it fires.
        let tests = try files.map { try String(contentsOfFile: $0, encoding: .utf8) }.joined()
        let rules = try PackageFiles.paths(in: "collector-config/prometheus/rules", suffix: ".rules.yml")
            .map { try String(contentsOfFile: $0, encoding: .utf8) }.joined()
        let alerts = rules.matches(of: /- alert: (\w+)/).map { String($0.1) }
        #expect(alerts.count == 15)
        for alert in alerts {
            #expect(tests.contains("alertname: \(alert)\n        exp_alerts:\n          - exp_labels"), "\(alert)")
        }
    }

    @Test("Rules and dashboard name only metrics that exist")
    func metricNames() throws {
        let files =
            try PackageFiles.paths(in: "collector-config/prometheus/rules", suffix: ".yml")
            + PackageFiles.paths(in: "collector-config/grafana", suffix: ".json")
        for file in files {
            let text = try String(contentsOfFile: file, encoding: .utf8)
            // Names between colons are those of recorded series.
            let pattern = /[^:\w]((?:spankit|otel_sdk|gen_ai_client)_\w+)[{\[)\s]/
            let names = text.matches(of: pattern).map { String($0.1) }
            #expect(!names.isEmpty, "\(file)")
            for name in Set(names) { #expect(Self.metrics.contains(name), "\(name) in \(file)") }
        }
    }

    @Test("docs/prometheus.md lists every metric with its type")
    func documentation() async throws {
        let docs = try PackageFiles.text("docs/prometheus.md")
        try await withTemporaryDirectory { directory in
            let run = try await SpanKitProcess.run(
                "profile",
                "--scenario",
                "1",
                "--latency-scale",
                "0",
                "--quiet",
                "--prom",
                "x.prom",
                "--otlp-file",
                "x.jsonl",
                in: directory
            )
            #expect(run.status == 0, "\(run.error)")
            let make = try await SpanKitProcess.run("prom", "x.jsonl", "--out", "y.prom", in: directory)
            #expect(make.status == 0, "\(make.error)")
            let files = try ["x.prom", "y.prom"].map {
                try String(contentsOf: directory.appending(path: $0), encoding: .utf8)
            }
            let types = files.joined().matches(of: /# TYPE (\w+) (\w+)/)
            #expect(types.count > 20)
            for type in types { #expect(docs.contains("| `\(type.1)` | \(type.2) |"), "\(type.1)") }
        }
    }

    /// As docs/prometheus.md lists them, with what histograms and summaries end in.
    private static let metrics: Set<String> = {
        let text = (try? PackageFiles.text("docs/prometheus.md")) ?? ""
        let names = text.matches(of: /\| `((?:spankit|otel_sdk|gen_ai_client)_\w+)`/).map { String($0.1) }
        return Set(names.flatMap { [$0, "\($0)_bucket", "\($0)_sum", "\($0)_count"] })
    }()

    // MARK: Collectors

    @Test("YAML that no installed program can check is well-formed", .needs(.yaml))
    func yaml() async throws {
        let folders = ["otelcol", "jaeger", "tempo", "grafana"]
        let files = try folders.flatMap { try PackageFiles.paths(in: "collector-config/\($0)", suffix: ".yaml") }
        #expect(files.count == 7)
        for file in files {
            let object = try await Self.object(file)
            #expect(!object.isEmpty, "\(file)")
            let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
            let head = lines.prefix { $0.hasPrefix("#") }
            #expect(head.contains { $0.contains("un by our tests") }, "\(file) says what is run and what is not")
        }
    }

    @Test("Pipelines use all defined components and no others", .needs(.yaml), arguments: pipelineFiles)
    func pipelines(file: String) async throws {
        let object = try await Self.object("\(Self.root)/\(file)")
        func defined(_ section: String) -> Set<String> { Set((object[section] as? [String: Any] ?? [:]).keys) }
        let service = try #require(object["service"] as? [String: Any])
        let pipelines = try #require(service["pipelines"] as? [String: [String: [String]]])
        func used(_ role: String) -> Set<String> { Set(pipelines.values.flatMap { $0[role] ?? [] }) }

        let connectors = defined("connectors")
        #expect(used("receivers").subtracting(connectors) == defined("receivers"))
        #expect(used("exporters").subtracting(connectors) == defined("exporters"))
        #expect(used("processors") == defined("processors"))
        #expect(used("receivers").intersection(connectors) == connectors)
        #expect(used("exporters").intersection(connectors) == connectors)
        #expect(Set(service["extensions"] as? [String] ?? []) == defined("extensions"))
        guard file.hasPrefix("otelcol/") else { return }
        for (name, pipeline) in pipelines {
            #expect(pipeline["processors"]?.first == "memory_limiter", "\(name): a limit behind others limits too late")
        }
        // Every queue is one on disk, and the disk is there.
        for (name, exporter) in object["exporters"] as? [String: [String: Any]] ?? [:] {
            guard let queue = exporter["sending_queue"] as? [String: Any] else { continue }
            let storage = try #require(queue["storage"] as? String, "\(name)")
            #expect(defined("extensions").contains(storage), "\(name)")
        }
    }

    @Test("The gateway counts before it samples, and the agent routes by trace id", .needs(.yaml))
    func order() async throws {
        let gateway = try await Self.object("\(Self.root)/otelcol/gateway.yaml")
        let service = try #require(gateway["service"] as? [String: Any])
        let pipelines = try #require(service["pipelines"] as? [String: [String: [String]]])
        let counting = pipelines.values.filter { $0["exporters"]?.contains("span_metrics") == true }
        #expect(counting.count == 1)
        #expect(counting.allSatisfy { $0["processors"]?.contains("tail_sampling") != true })
        #expect(pipelines.values.contains { $0["processors"]?.last == "tail_sampling" })
        let agent = try await Self.object("\(Self.root)/otelcol/agent.yaml")
        let exporters = try #require(agent["exporters"] as? [String: [String: Any]])
        #expect(exporters["load_balancing"]?["routing_key"] as? String == "traceID")
    }

    @Test("Kafka gets whole traces, and both sides name the same topic", .needs(.yaml))
    func kafka() async throws {
        let agent = try await Self.object("\(Self.root)/otelcol/kafka-agent.yaml")
        let exporter = try #require((agent["exporters"] as? [String: [String: Any]])?["kafka"])
        #expect(exporter["partition_traces_by_id"] as? Bool == true)
        #expect((exporter["producer"] as? [String: Any])?["required_acks"] as? Int == -1)
        let sent = try #require(exporter["traces"] as? [String: Any])
        let gateway = try await Self.object("\(Self.root)/otelcol/kafka-gateway.yaml")
        let receiver = try #require((gateway["receivers"] as? [String: [String: Any]])?["kafka"])
        let read = try #require(receiver["traces"] as? [String: Any])
        let topic = try #require(sent["topic"] as? String)
        #expect(read["topics"] as? [String] == [topic])
        #expect(read["encoding"] as? String == sent["encoding"] as? String)
    }

    static func object(_ file: String) async throws -> [String: Any] {
        let script = """
            import json, sys, yaml
            json.dump(yaml.safe_load(open(sys.argv[1], encoding="utf-8")), sys.stdout)
            """
        let run = try await Command.run(.yaml, ["-c", script, file])
        guard run.status == 0 else {
            Issue.record("\(file): \(run.error)")
            return [:]
        }
        return try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any] ?? [:]
    }

    // MARK: node_exporter and rotel

    @Test(
        "systemd accepts the drop-in with Debian's unit, and SpanKit's unit",
        .needs(.systemdAnalyze, .nodeExporter)
    )
    func units() async throws {
        try await withTemporaryDirectory { directory in
            let files = FileManager.default
            let debian = ["/usr/lib/systemd/system", "/lib/systemd/system"]
                .map { "\($0)/prometheus-node-exporter.service" }
                .first { files.fileExists(atPath: $0) }
            let unit = directory.appending(path: "prometheus-node-exporter.service").path
            let drops = directory.appending(path: "prometheus-node-exporter.service.d")
            if let debian {
                try files.copyItem(atPath: debian, toPath: unit)
                try files.createDirectory(at: drops, withIntermediateDirectories: false)
                let drop = drops.appending(path: "spankit.conf")
                try files.copyItem(atPath: "\(Self.root)/node_exporter/spankit.conf", toPath: drop.path)
                let check = try await Command.run(.systemdAnalyze, ["verify", unit])
                #expect(check.status == 0 && check.error == "", "\(check.error)")
                // It would say so: without the empty line a service of this type has two commands.
                let text = try String(contentsOf: drop, encoding: .utf8).replacing("ExecStart=\n", with: "")
                try text.write(to: drop, atomically: true, encoding: .utf8)
                #expect(try await Command.run(.systemdAnalyze, ["verify", unit]).error.contains("ExecStart="))
            }
            let own = "\(Self.root)/node_exporter/spankit-node-exporter.service"
            let check = try await Command.run(.systemdAnalyze, ["verify", own])
            #expect(check.status == 0 && check.error == "", "\(check.error)")
        }
    }

    @Test("The portable receiver accepts a run's spans", .needs(.rotel))
    func rotel() async throws {
        let rotel = try await Receiver.rotel(startedBy: "collector-config/rotel/start")
        defer { rotel.stop() }
        try await withTemporaryDirectory { directory in
            let run = try await SpanKitProcess.run(
                "profile",
                "--scenario",
                "1",
                "--latency-scale",
                "0",
                "--quiet",
                "--otlp-endpoint",
                rotel.url,
                in: directory
            )
            #expect(run.status == 0, "\(run.error)")
            let delivered = try #require(run.error.firstMatch(of: /(\d+) of (\d+) spans delivered/))
            let count = try #require(Int(delivered.1))
            #expect(delivered.1 == delivered.2 && count >= 14)
            let spans = try await rotel.spans(atLeast: count)
            #expect(spans.contains { $0.name == "conversation_processing_total" })
            #expect(spans.count == count)
        }
    }
}
