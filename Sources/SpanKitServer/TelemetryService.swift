import ServiceLifecycle
import SpanKitRecording
import SpanKitShipping

/// A service of swift-service-lifecycle that shuts telemetry down when the group ends.
///
/// ```swift
/// let telemetry = Telemetry.bootstrap()
/// let group = ServiceGroup(services: [TelemetryService(telemetry), server], gracefulShutdownSignals: [.sigterm], logger: logger)
/// try await group.run()
/// ```
///
/// Pass it as the first service. Services are shut down in reverse order, so it also sends the last spans of the other
/// services.
public struct TelemetryService: Service {
    private let telemetry: Telemetry
    private let deadline: Duration

    /// Creates the service.
    /// - Parameters:
    ///   - telemetry: the telemetry to shut down. It has already been started, so spans are recorded even before the group runs.
    ///   - deadline: the time limit of the shutdown; `TelemetryConfiguration.shutdownTimeout` by default.
    public init(_ telemetry: Telemetry, deadline: Duration? = nil) {
        self.telemetry = telemetry
        self.deadline = deadline ?? telemetry.configuration.shutdownTimeout
    }

    /// Waits for graceful shutdown or cancellation, and sends the remaining spans. Never throws.
    public func run() async {
        // Cancellation makes this call throw, which also ends the wait.
        try? await gracefulShutdown()
        await telemetry.shutdown(within: deadline)
    }
}
