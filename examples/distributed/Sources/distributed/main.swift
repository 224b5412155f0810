// One trace of two processes that communicate over HTTP. Apart from the bootstrap, both use only swift-distributed-tracing, swift-log
// and swift-metrics.
//
// The first command starts both processes and prints their trace. The other two run them in two terminals and send spans, log records
// and metrics to the endpoint of the environment, by default http://localhost:4318.
//
//     swift run distributed
//     swift run distributed warehouse 8080
//     swift run distributed shop http://127.0.0.1:8080
import Foundation
import Logging
import ServiceLifecycle
import Shop
import SpanKitServer

/// The configuration of a process.
/// - Parameter lines: A file for its spans, which needs no collector.
func configuration(_ service: String, lines: String?) -> TelemetryConfiguration {
    // Spans and log records are exported by default.
    let variables = ["OTEL_METRICS_EXPORTER": "otlp"].merging(ProcessInfo.processInfo.environment) { $1 }
    var configuration = TelemetryConfiguration.environment(variables)
    configuration.resource["service.name"] = .string(service)
    if let lines {
        let hasCollector = ProcessInfo.processInfo.environment["OTEL_EXPORTER_OTLP_ENDPOINT"] != nil
        if !hasCollector { (configuration.exporters, configuration.metricReaders) = ([], []) }
        configuration.exporters.append(.linesFile(LinesFileConfiguration(path: lines)))
    }
    return configuration
}

func runWarehouse(port: Int, lines: String?) async throws {
    if lines != nil { WarehouseProcess.endWithInput() }
    let telemetry = Telemetry.bootstrap(configuration("warehouse", lines: lines))
    let application = Warehouse().application(port: port, addRoutes: Labels.addRoutes) { port in
        // `print` would buffer the line, because standard output is a pipe.
        FileHandle.standardOutput.write(Data("http://127.0.0.1:\(port)\n".utf8))
    }
    let group = ServiceGroup(
        services: [TelemetryService(telemetry), application],
        gracefulShutdownSignals: [.sigterm, .sigint],
        logger: Logger(label: "warehouse")
    )
    try await group.run()
}

func runShop(warehouse: String, lines: String?) async throws {
    let telemetry = Telemetry.bootstrap(configuration("shop", lines: lines))
    let stock = try await Checkout(warehouse: warehouse).stock(of: ["carrot", "leek", "potato"])
    print(stock.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
    await telemetry.shutdown(within: .seconds(5))
}

func runBoth() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "spankit-distributed-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let warehouse = try WarehouseProcess(lines: "\(folder)/warehouse.jsonl")
    try await runShop(warehouse: warehouse.url, lines: "\(folder)/shop.jsonl")
    try warehouse.stop()
    print(try WrittenTrace(files: ["\(folder)/shop.jsonl", "\(folder)/warehouse.jsonl"]))
}

let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "warehouse":
    try await runWarehouse(port: arguments.count > 1 ? Int(arguments[1]) ?? 0 : 0, lines: arguments.dropFirst(2).first)
case "shop": try await runShop(warehouse: arguments.count > 1 ? arguments[1] : "http://127.0.0.1:8080", lines: nil)
default: try await runBoth()
}
