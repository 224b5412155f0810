import Foundation
import SpanKit
import SpanKitTestSupport
import Testing

@Suite("Resource detection of a configuration file")
struct ConfigurationFileResourceTests {
    private static func resource(_ text: String, _ variables: [String: String] = [:]) throws -> TelemetryConfiguration {
        try WrittenConfiguration.read("file_format: \"1.0\"\nresource:\n\(text)", variables)
    }

    private static func detected(_ text: String) throws -> TelemetryConfiguration {
        try resource("  detection/development: \(text)")
    }

    @Test("only the listed detectors are used")
    func detectors() throws {
        let own = Set([
            "service.name", "service.instance.id", "telemetry.sdk.name", "telemetry.sdk.language",
            "telemetry.sdk.version",
        ])
        #expect(Set(try Self.resource("  schema_url:").resource.attributes.map(\.key)) == own)
        let process = try Self.detected("{detectors: [{process: }]}")
        #expect(process.warnings == [])
        #expect(process.resource["process.pid"] == .int(Int64(ProcessInfo.processInfo.processIdentifier)))
        #expect(process.resource["process.runtime.name"] == "swift")
        let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        #expect(process.resource["process.executable.path"] == .string(executable))
        #expect(process.resource["process.executable.name"] == .string(URL(filePath: executable).lastPathComponent))
        #expect(
            !process.resource.attributes.contains { $0.key.hasPrefix("process.command") },
            "arguments may be secrets"
        )
        let host = try Self.detected("{detectors: [{host: }]}")
        let name = try String(contentsOfFile: "/proc/sys/kernel/hostname", encoding: .utf8)
        #expect(host.resource["host.name"] == .string(name.trimmingCharacters(in: .newlines)))
        #expect(host.resource["os.type"] == "linux")
        #expect(["amd64", "arm64"].contains(host.resource["host.arch"]))
        #expect(host.resource["process.pid"] == nil)
        let several = try Self.detected(
            "{attributes: {included: [os.type, process.p*]}, detectors: [{host: }, {process: }]}"
        )
        #expect(
            several.settings.contains(
                ResolvedSetting(.detected, "host (1), process (1)", source: "FILE: resource.detection/development")
            )
        )
    }

    @Test(
        "patterns choose among detected attributes only",
        arguments: [
            ("{included: [process.*], excluded: [process.executable.*]}", ["process.pid", "process.runtime.name"]),
            ("{included: [process.p?d]}", ["process.pid"]), ("{excluded: ['*']}", []), ("{included: [nothing]}", []),
            (
                "{excluded: [process.executable.path, host.*, os.*]}",
                ["process.executable.name", "process.pid", "process.runtime.name"]
            ),
        ]
    )
    func choice(text: String, expected: [String]) throws {
        let configuration = try Self.detected("{attributes: \(text), detectors: [{host: }, {process: }]}")
        #expect(configuration.warnings == [])
        let found = configuration.resource.attributes.map(\.key).filter {
            $0.hasPrefix("process.") || $0.hasPrefix("host.") || $0.hasPrefix("os.")
        }
        #expect(found.sorted() == expected)
        #expect(configuration.resource["service.instance.id"] != nil)
    }

    @Test("attributes override attributes_list, which overrides detected attributes")
    func precedence() throws {
        let variables = [
            "OTEL_SERVICE_NAME": "by variable",
            "OTEL_RESOURCE_ATTRIBUTES": "service.name=by%20list,os.type=list,x=list",
        ]
        let detection = "  detection/development: {detectors: [{service: }, {host: }]}"
        let list = "  attributes_list: ${OTEL_RESOURCE_ATTRIBUTES}"
        let own = "  attributes: [{name: service.name, value: written}]"
        func read(_ lines: String...) throws -> Resource {
            let configuration = try Self.resource(lines.joined(separator: "\n"), variables)
            #expect(configuration.warnings == [])
            return configuration.resource
        }
        let plain = try read("  schema_url:")["service.name"]
        #expect(plain != "by variable", "a file reads variables only where it says so")
        #expect(try read(detection)["service.name"] == "by variable")
        #expect(try read(detection)["os.type"] == "linux")
        #expect(try read(detection, list)["service.name"] == "by list")
        #expect(try read(detection, list)["os.type"] == "list")
        #expect(try read(detection, list, own)["service.name"] == "written")
        #expect(try read(detection, list, own)["x"] == "list")
        let unnamed = try Self.resource(detection, ["OTEL_SERVICE_NAME": ""]).resource["service.name"]
        #expect(unnamed == plain, "an empty variable counts as not set")
    }

    @Test("an unknown detector is reported and left out")
    func unknown() throws {
        let configuration = try Self.detected("{detectors: [{aws: {region: x}}, {process: }], entities_enabled: true}")
        #expect(
            configuration.warnings == [
                "FILE:3:45: resource.detection/development.detectors[0].aws is not a known detector and is left out; use process, host, container, service, kubernetes, cloud",
                "FILE: SpanKit does not support resource.detection/development.entities_enabled; ignored",
            ]
        )
        #expect(configuration.resource["process.pid"] != nil)
    }

    @Test(
        "errors are reported with their places",
        arguments: [
            ("{detectors: {host: }}", "detectors is a mapping; it has to be a list"),
            ("{detectors: [host]}", "detectors[0] is 'host'; it has to be a mapping with exactly one key"),
            ("{detectors: [{host: , process: }]}", "it has to be a mapping with exactly one key"),
            ("{detectors: [{host: yes}]}", "detectors[0].host is 'yes'; it has to be empty"),
            ("{attributes: [process.*]}", "attributes is a list; it has to be a mapping of included, excluded"),
            ("{attributes: {included: process.*}}", "attributes.included is 'process.*'; it has to be a list"),
            ("{attributes: {included: []}}", "attributes.included is an empty list; leave it out, or fill it"),
            ("{attributes: {excluded: [{a: b}]}}", "attributes.excluded[0] is a mapping; it has to be a string"),
        ]
    )
    func errors(text: String, expected: String) throws {
        let configuration = try Self.detected(text)
        #expect(configuration.warnings.first?.hasPrefix("FILE:3:") == true)
        #expect(configuration.warnings.first?.contains(expected) == true, "\(configuration.warnings)")
        #expect(configuration.warnings.last?.hasPrefix("FILE: not used because") == true)
    }
}
