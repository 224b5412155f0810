// What the snippets of the documentation use without defining it.
import Logging
import ServiceLifecycle
import SpanKit

let profiler = PerformanceProfiler(.on)
let logger = Logger(label: "snippets")
let telemetry = Telemetry.start()

struct Server: Service {
    func run() async throws {}
}
let server = Server()

struct User: Sendable {}
struct Store: Sendable {
    func user(_ id: Int) async throws -> User { User() }
    func load(_ id: Int) async throws -> User { User() }
}
let store = Store()
let id = 7

struct Importer: Sendable {
    func run() async throws {}
}
let importer = Importer()
