import ServiceLifecycle
import SpanKitRecording
import SpanKitShipping

/// Telemetry as a service of swift-service-lifecycle: runs as long as the others and sends what is left at the end.
///
/// ```swift
/// let telemetry = Telemetry.bootstrap()
/// let group = ServiceGroup(services: [TelemetryService(telemetry), server], gracefulShutdownSignals: [.sigterm], logger: logger)
/// try await group.run()
/// ```
///
/// Name it first: services are shut down in the opposite order, so that it ends last and has the last spans of the others.
public struct TelemetryService: Service {
    private let telemetry: Telemetry
    private let deadline: Duration

    /// Creates the service.
    /// - Parameters:
    ///   - telemetry: started already, so that spans are recorded before the group runs.
    ///   - deadline: how long the end may take; `TelemetryConfiguration.shutdownTimeout` by default.
    public init(_ telemetry: Telemetry, deadline: Duration? = nil) {
        self.telemetry = telemetry
        self.deadline = deadline ?? telemetry.configuration.shutdownTimeout
    }

    /// Waits for the end, graceful or by cancellation, and sends what is left then. Never throws.
    public func run() async {
        // Cancellation is thrown here, and is one of the two things waited for.
        try? await gracefulShutdown()
        await telemetry.shutdown(within: deadline)
    }
}
