import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import SpanKitPlatform

/// The HTTP server of a backend. Call ``run(started:)`` once.
package struct BackendServer: Sendable {
    /// The most connections at a time. Further ones wait in the listen queue.
    private static let connectionLimit = 64
    let backend: Backend
    private let host: String
    private let port: Int
    private let names: [String]
    private let origins: [String]
    private let token: String?
    private let idleTime: Duration
    private let bodyTime: Duration
    private let stopping = AsyncStream<Void>.makeStream()

    /// - Parameters:
    ///   - host: The address to listen on.
    ///   - port: 0 picks a free port.
    ///   - names: The names of the server in requests.
    ///   - origins: Websites that may send telemetry, beside those on loopback addresses.
    ///   - token: The token that every request needs; nil for none.
    ///   - idleTime: A connection without any traffic for this time is closed.
    ///   - bodyTime: A request whose body takes longer is refused.
    package init(
        _ backend: Backend,
        host: String = "127.0.0.1",
        port: Int,
        names: [String] = ["127.0.0.1", "localhost", "[::1]"],
        origins: [String] = [],
        token: String? = nil,
        idleTime: Duration = .seconds(60),
        bodyTime: Duration = .seconds(30)
    ) {
        self.backend = backend
        self.host = host
        self.port = port
        self.names = names
        self.origins = origins
        self.token = token
        self.idleTime = idleTime
        self.bodyTime = bodyTime
    }

    /// Ends ``run(started:)``: no new connections, and at most two seconds for requests in progress.
    package func stop() { stopping.continuation.finish() }

    /// Serves until ``stop()``.
    /// - Parameter started: Receives the port when the server listens.
    /// - Throws: ``IOFailure`` if it cannot listen.
    package func run(started: @escaping @Sendable (Int) -> Void) async throws {
        let router = Router(context: BasicRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.addMiddleware { ClearErrors() }
        Receiver(backend: backend, bodyTime: bodyTime).add(to: router)
        StatusRoute(backend: backend).add(to: router)
        PageRoute().add(to: router)
        let questions = StoreQuestions(store: backend.store, spools: backend.spools)
        APIRoutes(questions: questions).add(to: router)
        MCPRoute(service: MCPService(caller: StoreTools(questions: questions))).add(to: router)
        let logger = Logger(label: "spankit.serve") { _ in SwiftLogNoOpLogHandler() }
        let known = Locked(port)
        let guarded = RequestGuard(
            rules: { [names, origins, token] in
                SafetyRules(names: names, port: known.withLock { $0 }, origins: origins, token: token)
            },
            inner: router.buildResponder()
        )
        let connections = HTTPServerBuilder { [idleTime] responder in
            ServerConnections(
                inner: HTTP1Channel(responder: responder, configuration: .init(idleTimeout: TimeAmount(idleTime)))
            )
        }
        let application = Application(
            responder: guarded,
            server: connections,
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.connectionLimit, logger: logger)
            ),
            onServerRunning: { channel in
                guard let port = channel.localAddress?.port else { return }
                known.withLock { $0 = port }
                started(port)
            },
            logger: logger
        )
        var configuration = ServiceGroupConfiguration(services: [application], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(2)
        let group = ServiceGroup(configuration: configuration)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                for await _ in stopping.stream {}
                await group.triggerGracefulShutdown()
            }
            defer { tasks.cancelAll() }
            do { try await tasks.next() } catch let error as IOError {
                throw IOFailure(
                    isAddressInUse: error.errnoCode == EADDRINUSE,
                    reason: FileSystem.describe(error.errnoCode)
                )
            }
        }
    }
}

/// Why a server cannot listen.
package struct IOFailure: Error {
    package let isAddressInUse: Bool
    package let reason: String
}
