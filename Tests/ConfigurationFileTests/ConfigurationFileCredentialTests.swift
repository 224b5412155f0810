import SpanKit
import SpanKitConfigurationFile
import SpanKitTestSupport
import Testing

@Suite("The file of a bearer token in the configuration")
struct ConfigurationFileCredentialTests {
    private let folder = TemporaryFolder()

    private static let file = """
        file_format: "1.0"
        tracer_provider:
          processors:
            - batch: {exporter: {otlp_http: {endpoint: "http://localhost:4318/v1/traces"}}}
            - batch: {exporter: {console: }}
        meter_provider:
          readers:
            - periodic: {exporter: {otlp_http: {endpoint: "http://localhost:4318/v1/metrics"}}}
        """

    private func credentials(_ configuration: TelemetryConfiguration) -> [OTLPCredentials?] {
        (configuration.exporters + configuration.metricReaders.map(\.exporter)).compactMap(\.receiver).map(
            \.credentials
        )
    }

    @Test("the file sets it for all OTLP exporters, and the variable overrides it")
    func file() throws {
        try folder.put("token", Array("secret".utf8))
        try folder.put("other", Array("secret".utf8))
        let text = "\(Self.file)\ndistribution: {spankit: {bearer_token_file: \(folder.path("token"))}}"
        let configuration = try WrittenConfiguration.read(text)
        #expect(configuration.warnings == [])
        let expected = OTLPCredentials.bearerToken(file: folder.path("token"))
        #expect(credentials(configuration) == [expected, expected])
        let setting = configuration.settings.first { $0.kind == .bearerToken }
        #expect(setting?.value == folder.path("token"))
        #expect(setting?.source.contains("distribution.spankit.bearer_token_file") == true)
        let other = try WrittenConfiguration.read(text, ["SPANKIT_OTLP_BEARER_TOKEN_FILE": folder.path("other")])
        let overriding = OTLPCredentials.bearerToken(file: folder.path("other"))
        #expect(credentials(other) == [overriding, overriding])
        #expect(!"\(configuration)\(other)".contains("secret"))
    }

    @Test("a relative path is an error, and a missing file is a warning")
    func problems() throws {
        let relative = try WrittenConfiguration.read(
            "\(Self.file)\ndistribution: {spankit: {bearer_token_file: token}}"
        )
        #expect(relative.warnings.contains { $0.contains("it has to be an absolute path") })
        let path = folder.path("missing")
        let missing = try WrittenConfiguration.read(
            "\(Self.file)\ndistribution: {spankit: {bearer_token_file: \(path)}}"
        )
        #expect(missing.warnings.contains { $0.contains("'\(path)' cannot be read; nothing is sent until it can be") })
        #expect(credentials(missing) == [.bearerToken(file: path), .bearerToken(file: path)])
    }

    @Test("the variable applies to spans and metrics")
    func variable() throws {
        try folder.put("token", Array("secret".utf8))
        let configuration = TelemetryConfiguration.environment([
            "SPANKIT_OTLP_BEARER_TOKEN_FILE": folder.path("token"), "OTEL_METRICS_EXPORTER": "otlp",
        ])
        let expected = OTLPCredentials.bearerToken(file: folder.path("token"))
        #expect(credentials(configuration) == [expected, expected])
        #expect(configuration.warnings == [])
    }
}
