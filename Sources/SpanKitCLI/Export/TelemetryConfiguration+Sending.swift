import Foundation
import SpanKit
import SpanKitConfigurationFile
import SpanKitShipping

extension TelemetryConfiguration {
    /// The configuration of the environment, with the endpoint and the spool of the command line if they are given.
    /// - Throws: ``CommandFailure`` with status 64 if the endpoint is not a URL.
    package static func sending(
        to endpoint: String?,
        spool: String? = nil,
        _ variables: [String: String] = ProcessInfo.processInfo.environment
    ) throws(CommandFailure) -> TelemetryConfiguration {
        var url: String?
        if let endpoint {
            do {
                let parsed = try EndpointURL(endpoint)
                url = parsed.path.isEmpty || parsed.path == "/" ? parsed.appending("v1/traces").text : parsed.text
            } catch {
                throw CommandFailure(.usage, "--otlp-endpoint: '\(OTLPExporter.printable(url: endpoint))' \(error)")
            }
        }
        var configuration = environment(EnvironmentValues(variables), otlpURL: url, reading: .file)
        if let spool { configuration.spool = SpoolConfiguration(directory: spool) }
        return configuration
    }
}

extension Duration {
    /// The duration of an option in seconds.
    /// - Throws: ``CommandFailure`` with status 64 if it is not between 0 and a day.
    package static func seconds(_ seconds: Double, of option: String) throws(CommandFailure) -> Duration {
        guard seconds.isFinite, seconds >= 0, seconds <= 86_400 else {
            throw CommandFailure(.usage, "\(option): \(seconds) is not a number of seconds from 0 to 86400")
        }
        return .milliseconds(Int(seconds * 1_000))
    }
}
