/// Starts real receivers of OTLP on free ports of 127.0.0.1.
///
/// ```swift
/// @Test("spans arrive at a real collector", .needs(.rotel))
/// func arrival() async throws {
///     let rotel = try await Receiver.rotel()
///     defer { rotel.stop() }
/// ```
public enum Receiver {
    /// The strict decoder: prints each span it takes.
    public static func rotel() async throws -> Rotel {
        try await Rotel()
    }

    /// The same, which also forwards what it takes to a receiver of OTLP over HTTP.
    public static func rotel(forwardingTo target: String) async throws -> Rotel {
        try await Rotel(target: target)
    }

    /// The same, started by a script of this package.
    public static func rotel(startedBy script: String) async throws -> Rotel {
        try await Rotel(script: PackageFiles.url(script).path)
    }

    /// The memory: gives each request back.
    public static func ddapm() async throws -> TestAgent {
        try await TestAgent()
    }
}
