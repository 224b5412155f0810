import SpanKitOTLP
import SpanKitRecording

extension Telemetry {
    /// The profiler of a library, whose spans have the library's instrumentation scope instead of ``TelemetryConfiguration/scope``.
    ///
    /// ```swift
    /// let profiler = telemetry.profiler("MyDatabase", version: "1.2")
    /// profiler.profile("query") { print("42 rows") }
    /// ```
    ///
    /// Call it once for each library and keep the result. See `PerformanceProfiler.scoped(to:)`.
    /// - Parameters:
    ///   - name: The library's name.
    ///   - version: The library's version; empty if not specified.
    ///   - schemaURL: The URL of the schema that defines the attributes of the library's spans; empty if not specified.
    ///   - attributes: Additional attributes of the library. If a key occurs twice, the last value is used.
    public func profiler(
        _ name: String,
        version: String = "",
        schemaURL: String = "",
        attributes: Attributes = [:]
    ) -> PerformanceProfiler {
        let scope = InstrumentationScope(
            name: name,
            version: version,
            attributes: Resource(attributes: attributes.elements).attributes,
            schemaURL: schemaURL
        )
        return scope == configuration.scope ? profiler : profiler.scoped(to: scope)
    }
}
