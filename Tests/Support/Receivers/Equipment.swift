import Foundation
import Testing

/// External programs, which `.ci/receivers` installs.
public enum Equipment: String, Sendable {
    /// An OpenTelemetry collector in Rust, with a strict decoder.
    case rotel
    /// Datadog's test agent, which stores requests and returns them.
    case ddapm
    /// The official protobuf definitions, in Python.
    case codecs
    /// A validator for JSON Schema, in Python.
    case schemas
    /// The client of the Model Context Protocol, in Python.
    case mcp
    /// The engine of ClickHouse, in Python.
    case chdb
    /// A web server, for TLS.
    case nginx
    /// Makes certificates.
    case openssl
    /// A browser, for the HTML report.
    case chromium
    /// A client that uses proxies and certificates.
    case curl
    /// The database that scrapes node_exporter.
    case prometheus
    /// Checks metrics, configurations and rules of Prometheus, and runs the rules' unit tests.
    case promtool
    /// The shell that `/bin/sh` usually is.
    case shell = "sh"
    /// Serves `.prom` files.
    case nodeExporter = "prometheus-node-exporter"
    /// Python with a YAML parser.
    case yaml = "python3-yaml"
    /// Checks systemd's units.
    case systemdAnalyze = "systemd-analyze"

    /// The folder of the Python environments.
    public static var home: String {
        let environment = ProcessInfo.processInfo.environment
        if let home = environment["SPANKIT_RECEIVERS"], !home.isEmpty { return home }
        let cache = environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory() + "/.cache"
        return cache + "/spankit/receivers"
    }

    /// The program's path; nil if it is not installed.
    public var path: String? {
        switch self {
        case .rotel: Self.glob("\(Self.home)/receivers/lib/python3*/site-packages/rotel/rotel-agent")
        case .ddapm: Self.executable("\(Self.home)/receivers/bin/ddapm-test-agent")
        case .codecs: Self.executable("\(Self.home)/codecs/bin/python")
        case .schemas: Self.executable("\(Self.home)/schemas/bin/python")
        case .mcp: Self.executable("\(Self.home)/agents/bin/python")
        case .chdb: Self.executable("\(Self.home)/queries/bin/python")
        case .nginx: Self.find("nginx")
        case .openssl: Self.find("openssl")
        case .curl: Self.find("curl")
        case .prometheus, .promtool, .shell, .nodeExporter, .systemdAnalyze: Self.find(rawValue)
        case .yaml:
            FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/yaml/__init__.py")
                ? Self.executable("/usr/bin/python3") : nil
        case .chromium: Self.find("chromium") ?? Self.find("chromium-browser") ?? Self.find("google-chrome")
        }
    }

    /// The program's path, or an error that says how to get it.
    func require() throws -> String {
        guard let path else { throw Missing(equipment: self) }
        return path
    }

    struct Missing: Error, CustomStringConvertible {
        let equipment: Equipment
        var description: String { "\(equipment.rawValue) is not installed; run: make receivers" }
    }

    private static func executable(_ path: String) -> String? {
        FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }

    private static func find(_ name: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return (folders + ["/usr/bin", "/usr/sbin", "/sbin"]).lazy.compactMap { executable("\($0)/\(name)") }.first
    }

    private static func glob(_ pattern: String) -> String? {
        var result = glob_t()
        defer { globfree(&result) }
        guard Foundation.glob(pattern, 0, nil, &result) == 0, let first = result.gl_pathv[0] else { return nil }
        return executable(String(cString: first))
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips the test if a program is missing. In CI the test runs anyway, and fails.
    public static func needs(_ equipment: Equipment...) -> Self {
        let missing = equipment.filter { $0.path == nil }.map(\.rawValue).joined(separator: ", ")
        let isCI = !(ProcessInfo.processInfo.environment["CI"] ?? "").isEmpty
        return .enabled(if: missing.isEmpty || isCI, "\(missing) is not installed; run: make receivers")
    }
}
