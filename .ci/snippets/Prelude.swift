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

struct User: Sendable {
    var name = ""
}
let user = User()
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

struct JobQueue: Sendable {
    var count = 0
}
let jobs = JobQueue()

/// A request with headers, such as that of an HTTP library.
struct Headers: Sendable {
    private var fields: [String: String] = [:]
    subscript(name: String) -> String? {
        get { fields[name] }
        set { fields[name] = newValue }
    }
    func values(named name: String) -> [String] { fields[name].map { [$0] } ?? [] }
}
struct Request: Sendable {
    var headers = Headers()
}
nonisolated(unsafe) var request = Request()
let span = profiler.start("request")

nonisolated(unsafe) var configuration = TelemetryConfiguration.environment()
let engine = PercentileEngine()

/// A file that is read piece by piece.
struct Input: Sendable {
    func next() throws -> [UInt8]? { nil }
}
let input = Input()
