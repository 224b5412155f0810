import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Environment variables of exporters")
struct SettingsTests {
    private func exporter(_ variables: [String: String]) -> (OTLPExporter, warnings: [String]) {
        var environment = EnvironmentValues(variables)
        let exporter = OTLPExporter(&environment)
        return (exporter, environment.warnings)
    }

    @Test(
        "endpoints follow the specification's table",
        arguments: [
            ([:], "http://localhost:4318/v1/traces"),
            (["ENDPOINT": "http://collector:4318"], "http://collector:4318/v1/traces"),
            (["ENDPOINT": "http://collector:4318/mycollector/"], "http://collector:4318/mycollector/v1/traces"),
            (["ENDPOINT": "http://collector:4318/my"], "http://collector:4318/my/v1/traces"),
            (["TRACES_ENDPOINT": "http://collector:4318"], "http://collector:4318/"),
            (["TRACES_ENDPOINT": "https://x/v1/traces/"], "https://x/v1/traces/"),
            (["ENDPOINT": "https://x"], "https://x/v1/traces"),
            (["ENDPOINT": "https://x?key=1"], "https://x/v1/traces?key=1"),
            (["ENDPOINT": "localhost:4318"], "http://localhost:4318/v1/traces"),
            (["ENDPOINT": ""], "http://localhost:4318/v1/traces"),
            (["ENDPOINT": "https://a", "TRACES_ENDPOINT": "http://b/c"], "http://b/c"),
            (["ENDPOINT": "http://[::1]:4318"], "http://[::1]:4318/v1/traces"),
            (["ENDPOINT": "unix:///run/otel.sock"], "http+unix://%2Frun%2Fotel.sock/v1/traces"),
            (["ENDPOINT": "unix:/run/otel.sock"], "http+unix://%2Frun%2Fotel.sock/v1/traces"),
            (["ENDPOINT": "unix:otel.sock"], "http+unix://otel.sock/v1/traces"),
            (["ENDPOINT": "unix-abstract:otel"], "http+unix://%40otel/v1/traces"),
            (["ENDPOINT": "http+unix://%2Frun%2Fotel.sock/my"], "http+unix://%2Frun%2Fotel.sock/my/v1/traces"),
            (["TRACES_ENDPOINT": "unix:///run/otel.sock"], "http+unix://%2Frun%2Fotel.sock/v1/traces"),
            (["TRACES_ENDPOINT": "http+unix://%2Frun%2Fotel.sock/in"], "http+unix://%2Frun%2Fotel.sock/in"),
        ]
    )
    func endpoints(variables: [String: String], url: String) {
        let full = Dictionary(uniqueKeysWithValues: variables.map { ("OTEL_EXPORTER_OTLP_\($0)", $1) })
        #expect(exporter(full).0.url == url)
    }

    @Test(
        "endpoints of gRPC have no path, and without a scheme use TLS unless INSECURE is true",
        arguments: [
            ([:], "http://localhost:4317", 0), (["ENDPOINT": "http://collector:4317"], "http://collector:4317", 0),
            (["ENDPOINT": "https://collector:4317/"], "https://collector:4317", 0),
            (["ENDPOINT": "http://collector:4317/v1/traces"], "http://collector:4317", 1),
            (["TRACES_ENDPOINT": "https://x:1/a?key=1"], "https://x:1", 1),
            (["ENDPOINT": "http://collector:4318"], "http://collector:4318", 1),
            (["ENDPOINT": "collector:4317"], "https://collector:4317", 0),
            (["ENDPOINT": "collector:4317", "INSECURE": "true"], "http://collector:4317", 0),
            (["ENDPOINT": "collector:4317", "INSECURE": "yes"], "https://collector:4317", 1),
            (
                ["ENDPOINT": "collector:4317", "INSECURE": "true", "TRACES_INSECURE": "false"],
                "https://collector:4317", 0
            ),
            (["ENDPOINT": "https://collector:4317", "INSECURE": "true"], "https://collector:4317", 0),
            (["ENDPOINT": "dns:///collector:4317", "INSECURE": "true"], "http://collector:4317", 0),
            (["ENDPOINT": "[::1]:4317"], "https://[::1]:4317", 0),
            (["ENDPOINT": "unix:///run/otel.sock"], "http+unix://%2Frun%2Fotel.sock", 0),
            (["ENDPOINT": "unix-abstract:otel"], "http+unix://%40otel", 0),
            (["ENDPOINT": "dns://8.8.8.8/collector"], "http://localhost:4317", 1),
            (["ENDPOINT": "http://"], "http://localhost:4317", 1),
        ] as [([String: String], String, Int)]
    )
    func endpointsOfGRPC(variables: [String: String], url: String, warningCount: Int) {
        var full = Dictionary(uniqueKeysWithValues: variables.map { ("OTEL_EXPORTER_OTLP_\($0)", $1) })
        full["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc"
        let (exporter, warnings) = exporter(full)
        #expect(exporter.url == url && exporter.protocol == .grpc && exporter.encoding == .protobuf)
        #expect(warnings.count == warningCount, "\(warnings)")
    }

    @Test("a protocol for one signal overrides the general one, and headers follow the rules of gRPC")
    func grpcOfOneSignal() {
        var environment = EnvironmentValues([
            "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_HEADERS": "A=1,grpc-x=secret,b=%C3%A9",
        ])
        let traces = OTLPExporter(&environment)
        #expect(traces.protocol == .httpJSON && traces.headers.count == 3 && environment.warnings.isEmpty)
        let metrics = OTLPExporter(&environment, .metrics)
        #expect(
            metrics.protocol == .grpc && metrics.url == "http://localhost:4317" && metrics.headers.map(\.name) == ["A"]
        )
        #expect(environment.warnings.count == 2 && !environment.warnings.joined().contains("secret"))
    }

    @Test("the encoding belongs to the protocol")
    func encodings() {
        var exporter = OTLPExporter(url: "http://localhost:4317", protocol: .grpc)
        exporter.encoding = .protobuf
        #expect(exporter.protocol == .grpc)
        exporter.encoding = .json
        #expect(exporter.protocol == .httpJSON)
        exporter.encoding = .protobuf
        #expect(exporter.protocol == .httpProtobuf)
    }

    @Test(
        "a bad endpoint is reported, and the default is used",
        arguments: [
            (
                "localhost:4318",
                "OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318' has no scheme; write http://localhost:4318; using the default"
            ),
            (
                "grpc://x:4317",
                "OTEL_EXPORTER_OTLP_ENDPOINT: 'grpc://x:4317' has the scheme grpc; use http, https or unix; using the default"
            ),
            (
                "http://",
                "OTEL_EXPORTER_OTLP_ENDPOINT: 'http://' has no host; write one, such as http://localhost:4318; using the default"
            ),
            (
                "unix://run/otel.sock",
                "OTEL_EXPORTER_OTLP_ENDPOINT: 'unix://run/otel.sock' is not the path of a Unix domain socket, at most 107 bytes; write unix:///run/otel.sock; using the default"
            ),
            (
                "unix:",
                "OTEL_EXPORTER_OTLP_ENDPOINT: 'unix:' is not the path of a Unix domain socket, at most 107 bytes; write unix:///run/otel.sock; using the default"
            ),
            (
                "http+unix://%2",
                "OTEL_EXPORTER_OTLP_ENDPOINT: 'http+unix://%2' is not the path of a Unix domain socket, at most 107 bytes; write unix:///run/otel.sock; using the default"
            ),
            (
                "http://x:99999",
                "OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x:99999' has the port '99999'; use a number from 1 to 65535; using the default"
            ),
        ]
    )
    func badEndpoints(value: String, warning: String) {
        let (exporter, warnings) = exporter(["OTEL_EXPORTER_OTLP_ENDPOINT": value])
        #expect(warnings == [warning])
        #expect(exporter.url == "http://localhost:4318/v1/traces")
    }

    @Test("common mistakes are reported")
    func hints() {
        #expect(exporter(["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4317"]).warnings.first?.contains("gRPC") == true)
        let doubled = exporter(["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318/v1/traces"])
        #expect(doubled.0.url == "http://c:4318/v1/traces/v1/traces", "as the specification says")
        #expect(doubled.warnings.first?.contains("/v1/traces/v1/traces") == true)
        let bare = exporter(["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318"])
        #expect(bare.warnings.first?.contains("require the path /v1/traces") == true)
    }

    @Test("headers are split at the first equals sign and decoded; bad pairs are left out and not repeated")
    func headers() {
        let (exporter, warnings) = exporter([
            "OTEL_EXPORTER_OTLP_HEADERS":
                " a = 1 ,Authorization=Basic dXNlcjpwYXNz==,x=Bearer%20a+b,bad,b@d=secret,c=secret%0d%0aX: y,d=%zz,e="
        ])
        #expect(
            exporter.headers == [
                HTTPHeader(name: "a", value: "1"), HTTPHeader(name: "Authorization", value: "Basic dXNlcjpwYXNz=="),
                HTTPHeader(name: "x", value: "Bearer a+b"), HTTPHeader(name: "e", value: ""),
            ]
        )
        #expect(warnings.count == 4)
        #expect(!warnings.joined().contains("secret"))
        #expect("\(exporter.headers)".contains("dXNl") == false)
    }

    @Test("a variable for traces overrides the general one")
    func precedence() {
        let (exporter, warnings) = exporter([
            "OTEL_EXPORTER_OTLP_TIMEOUT": "1000", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "2500",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip", "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION": "NONE",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_EXPORTER_OTLP_HEADERS": "a=1",
            "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "b=2",
        ])
        #expect(warnings.isEmpty)
        #expect(exporter.timeout == .milliseconds(2_500))
        #expect(exporter.compression == .none)
        #expect(exporter.encoding == .protobuf)
        #expect(exporter.headers.map(\.name) == ["b"])
    }

    @Test("a bad value is reported once, and the default is used")
    func badValues() {
        let (exporter, warnings) = exporter([
            "OTEL_EXPORTER_OTLP_TIMEOUT": "-5", "OTEL_EXPORTER_OTLP_COMPRESSION": "brotli",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "thrift", "OTEL_EXPORTER_OTLP_CERTIFICATE": "/nowhere/ca.pem",
            "OTEL_EXPORTER_OTLP_CLIENT_KEY": "/nowhere/key.pem",
        ])
        #expect(exporter.timeout == .seconds(10))
        #expect(exporter.compression == .gzip())
        #expect(exporter.encoding == .json)
        #expect(warnings.count == 6)
        #expect(
            warnings.contains { $0.contains("'thrift' is not one of grpc, http/json, http/protobuf; using http/json") }
        )
    }

    @Test("a timeout of zero means no limit")
    func zeroTimeout() {
        #expect(exporter(["OTEL_EXPORTER_OTLP_TIMEOUT": "0"]).0.timeout == .zero)
    }

    @Test("user information and queries are not printed")
    func secrets() {
        #expect(OTLPExporter.printable(url: "https://user:pass@host/v1?key=1") == "https://host/v1")
        #expect(OTLPExporter.printable(url: "https://host/a@b") == "https://host/a@b")
        #expect(OTLPExporter.printable(url: "user:pass@host:4318/?token=1") == "host:4318/")
        #expect(
            OTLPExporter.printable(url: "http+unix://%2Frun%2Fa.sock/v1/traces?key=1") == "unix:///run/a.sock"
        )
        #expect(OTLPExporter.printable(url: "http+unix://%40a/v1/traces") == "unix-abstract:a")
        for text in [
            "user:SECRET@host:4318", "host:4318/?token=SECRET", "SECRET@host", "user:SECRET@host?a=SECRET#SECRET",
        ] {
            #expect(throws: EndpointURL.Problem.noScheme(text)) { try EndpointURL(text) }
            #expect(!"\(EndpointURL.Problem.noScheme(text))".contains("SECRET"))
        }
    }

    @Test(
        "OTEL_SERVICE_NAME overrides the attributes, which override the defaults; one bad pair invalidates the variable"
    )
    func resources() {
        func resource(_ variables: [String: String]) -> Resource {
            var environment = EnvironmentValues(variables)
            return ResourceAttributes.resource(&environment, executable: "coach", instance: "i")
        }
        #expect(resource([:])["service.name"] == "unknown_service:coach")
        #expect(resource([:])["telemetry.sdk.name"] == "spankit")
        let list = "service.name=a,deployment.environment.name=pro%64,x=1%2C2"
        #expect(resource(["OTEL_RESOURCE_ATTRIBUTES": list])["service.name"] == "a")
        #expect(resource(["OTEL_RESOURCE_ATTRIBUTES": list])["deployment.environment.name"] == "prod")
        #expect(resource(["OTEL_RESOURCE_ATTRIBUTES": list])["x"] == "1,2")
        #expect(resource(["OTEL_RESOURCE_ATTRIBUTES": list, "OTEL_SERVICE_NAME": "b"])["service.name"] == "b")
        #expect(resource(["OTEL_RESOURCE_ATTRIBUTES": "a=1,b"])["a"] == nil)
        #expect(resource(["OTEL_RESOURCE_ATTRIBUTES": "a=1,b=%"])["a"] == nil)
    }

    @Test("no text crashes the URL parser or the header parser")
    func fuzz() {
        var random = SplitMix64(seed: 11)
        let pieces = [
            "http", "https", "://", "/", ":", "@", "[", "]", "::1", "4318", "unix:", "%2F", "http+unix", "?", "#", "%",
            "%20", "=", ",", " ", "é",
            "a",
        ]
        for _ in 0..<FuzzRounds.count {
            let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            if let url = try? EndpointURL(text) {
                #expect(!url.host.isEmpty)
                #expect(url.appending("v1/traces").text.contains("v1/traces"))
                #expect((try? EndpointURL(url.text)) == url, "\(text)")
            }
            let (headers, problems) = HeaderList.parse(text)
            #expect(headers.count + problems.count <= text.split(separator: ",").count)
            let isClean = headers.allSatisfy { header in
                !header.name.isEmpty && !header.value.unicodeScalars.contains { $0.value < 0x20 }
            }
            #expect(isClean, "\(headers)")
            #expect(ResourceAttributes.parse(text)?.allSatisfy { !$0.key.isEmpty } ?? true)
            let printed = OTLPExporter.printable(url: text)
            #expect(
                (printed.count <= text.count || printed.hasPrefix("unix")) && !printed.contains("?")
                    && !printed.contains("#")
            )
        }
    }
}
