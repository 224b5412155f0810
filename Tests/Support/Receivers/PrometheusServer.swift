import Foundation

/// A running Prometheus with its own database, on a free port of 127.0.0.1.
public final class PrometheusServer: Sendable {
    /// One series of an answer, with its values in the order of their times.
    public struct Series: Sendable, Hashable {
        /// All labels; the name is `__name__`.
        public var labels: [String: String]
        /// One for an instant, several for a range such as `x[1m]`.
        public var values: [Double]
        /// The last value.
        public var value: Double { values.last ?? .nan }
    }

    /// An alert that is pending or fires.
    public struct Alert: Sendable, Hashable {
        /// Also `alertname` and `severity`.
        public var labels: [String: String]
        /// `pending` or `firing`.
        public var state: String
        /// With the templates filled in.
        public var annotations: [String: String]
    }

    /// Why a query has no answer, in Prometheus' words.
    public struct QueryError: Error, CustomStringConvertible {
        /// One line.
        public let description: String
    }

    private let service: Service
    private let port: RefusedPort

    /// Starts it and waits until it answers. The first scrape follows some seconds later.
    /// - Parameter configuration: the text of its `prometheus.yml`.
    public init(configuration: String) async throws {
        let program = try Equipment.prometheus.require()
        service = Service("prometheus")
        port = try Service.freePorts(1)[0]
        let number = port.port
        let file = service.folder + "/prometheus.yml"
        try Data(configuration.utf8).write(to: URL(filePath: file))
        try await service.start(
            program,
            [
                "--config.file=\(file)", "--storage.tsdb.path=\(service.folder)/data",
                "--web.listen-address=127.0.0.1:\(number)", "--log.level=warn",
            ]
        ) { (try? HTTPExchange(port: number, path: "/-/ready", limit: .seconds(20)))?.status == 200 }
    }

    /// Starts it with one job, scraping a node_exporter twice a second.
    public convenience init(scraping exporter: NodeExporter) async throws {
        try await self.init(
            configuration: """
                global: { scrape_interval: 500ms, scrape_timeout: 500ms }
                scrape_configs:
                  - job_name: node
                    static_configs: [ { targets: ["127.0.0.1:\(exporter.port)"] } ]

                """
        )
    }

    /// The answer to a query now.
    public func query(_ expression: String) throws -> [Series] {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~")
        let query = expression.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        let answer = try get("/api/v1/query?query=\(query)")
        let data = answer["data"] as? [String: Any] ?? [:]
        if data["resultType"] as? String == "scalar" {
            return [Series(labels: [:], values: [Self.value(data["result"])])]
        }
        return (data["result"] as? [[String: Any]] ?? []).map { series in
            Series(
                labels: series["metric"] as? [String: String] ?? [:],
                values: (series["values"] as? [Any] ?? [series["value"] as Any]).map(Self.value)
            )
        }
    }

    /// Repeats a query until the answer is as expected, without blocking a thread of the pool.
    /// - Returns: the expected answer.
    @discardableResult
    public func query(_ expression: String, until isDone: ([Series]) -> Bool) async throws -> [Series] {
        do {
            return try await eventually("the answer to \(expression)", try query(expression), until: isDone)
        } catch let error as NeverHappened {
            throw QueryError(description: "\(error)\n\(log)")
        }
    }

    /// The alerts that are pending or fire now.
    public func alerts() throws -> [Alert] {
        let data = try get("/api/v1/alerts")["data"] as? [String: Any] ?? [:]
        return (data["alerts"] as? [[String: Any]] ?? []).map { alert in
            Alert(
                labels: alert["labels"] as? [String: String] ?? [:],
                state: alert["state"] as? String ?? "",
                annotations: alert["annotations"] as? [String: String] ?? [:]
            )
        }
    }

    /// The last error of each rule that has one.
    public func ruleErrors() throws -> [String] {
        let data = try get("/api/v1/rules")["data"] as? [String: Any] ?? [:]
        let rules = (data["groups"] as? [[String: Any]] ?? []).flatMap { $0["rules"] as? [[String: Any]] ?? [] }
        return rules.compactMap { rule in
            guard rule["health"] as? String == "err" else { return nil }
            return "\(rule["name"] ?? ""): \(rule["lastError"] ?? "")"
        }
    }

    /// The address of its API.
    public var url: String { "http://127.0.0.1:\(port.port)" }

    /// Its warnings and errors.
    public var log: String { service.error }

    /// Ends it.
    public func stop() { service.stop() }

    private func get(_ path: String) throws -> [String: Any] {
        let answer = try HTTPExchange(port: port.port, path: path)
        let object = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any] ?? [:]
        guard object["status"] as? String == "success" else {
            throw QueryError(description: object["error"] as? String ?? "status \(answer.status)")
        }
        return object
    }

    /// A time and a text that is a number.
    private static func value(_ pair: Any?) -> Double {
        guard let text = (pair as? [Any])?.last as? String else { return .nan }
        return Double(text) ?? .nan
    }
}
