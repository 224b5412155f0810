import SpanKitHTTP
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// Reads `OTEL_RESOURCE_ATTRIBUTES`: `key1=value1,key2=value2`, percent-encoded (Resource SDK, "Specifying resource
/// information via an environment variable").
package enum ResourceAttributes {
    /// The attributes; nil if any pair is invalid, because the whole variable is ignored then.
    package static func parse(_ text: String) -> [Attribute]? {
        var attributes: [Attribute] = []
        for pair in text.split(separator: ",", omittingEmptySubsequences: true) {
            guard let equals = pair.firstIndex(of: "="),
                let key = PercentCoding.decode(pair[..<equals].trimmingWhitespace()), !key.isEmpty,
                let value = PercentCoding.decode(pair[pair.index(after: equals)...].trimmingWhitespace())
            else { return nil }
            attributes.append(Attribute(key, .string(value)))
        }
        return attributes
    }

    /// The resource of the process. If several sources have the same attribute, the first of these wins:
    /// `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, the detectors of `SPANKIT_RESOURCE_DETECTORS`, the defaults.
    package static func resource(
        _ environment: inout EnvironmentValues,
        executable: String,
        instance: String
    ) -> Resource {
        var resource = Resource(attributes: [
            Attribute(
                "service.name",
                .string(executable.isEmpty ? "unknown_service" : "unknown_service:\(executable)")
            ),
            Attribute("service.instance.id", .string(instance)),
            Attribute("telemetry.sdk.name", "spankit"),
            Attribute("telemetry.sdk.language", "swift"),
            Attribute("telemetry.sdk.version", .string(Release.version)),
        ])
        let system = SystemFiles { [all = environment.all] in all[$0] }
        for name in (environment.text("SPANKIT_RESOURCE_DETECTORS") ?? "").split(separator: ",") {
            let name = name.trimmingWhitespace().lowercased()
            if let detector = ResourceDetector(rawValue: name) {
                resource = resource.merging(Resource(attributes: detector.attributes(system)))
            } else {
                let known = ResourceDetector.allCases.map(\.rawValue).joined(separator: ", ")
                environment.warn(
                    "SPANKIT_RESOURCE_DETECTORS: '\(name)' is not one of \(known); it is left out"
                )
            }
        }
        if let text = environment.text("OTEL_RESOURCE_ATTRIBUTES") {
            if let attributes = parse(text) {
                resource = resource.merging(Resource(attributes: attributes))
            } else {
                environment.warn(
                    "OTEL_RESOURCE_ATTRIBUTES: the value is not a list of key=value pairs with percent-encoded values; "
                        + "the whole variable is ignored"
                )
            }
        }
        if let name = environment.text("OTEL_SERVICE_NAME") { resource["service.name"] = .string(name) }
        return resource
    }
}
