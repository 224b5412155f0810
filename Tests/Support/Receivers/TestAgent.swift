import Foundation
import SpanKitPlatform

/// A running ddapm-test-agent, which stores every request and returns it.
public final class TestAgent: Sendable {
    /// A request as the agent stored it.
    public struct Request: Sendable {
        /// Names as they were sent.
        public let headers: [String: String]
        /// The body as the agent stored it. Its web server decompresses gzip first, and answers 4xx if it cannot.
        public let body: [UInt8]

        /// The value of a header, in any case of letters.
        public subscript(header: String) -> String? {
            headers.first { $0.key.lowercased() == header.lowercased() }?.value
        }
    }

    /// Where to send, without a path: `http://127.0.0.1:PORT`.
    public var url: String { "http://127.0.0.1:\(port)" }
    /// Where it listens for OTLP over HTTP and for questions.
    public let port: UInt16

    private let service: Service
    private let ports: [RefusedPort]

    init() async throws {
        let program = try Equipment.ddapm.require()
        service = Service("ddapm")
        ports = try Service.freePorts(3)
        port = ports[0].port
        let port = port
        try await service.start(
            program,
            [
                "--host", "127.0.0.1", "--port", "\(ports[1].port)", "--otlp-http-port", "\(port)",
                "--otlp-grpc-port", "\(ports[2].port)", "--snapshot-dir", service.folder,
                "--disable-llmobs-data-forwarding",
            ]
        ) { (try? HTTPExchange(port: port, path: "/test/session/traces", limit: .seconds(20)))?.status == 200 }
    }

    /// All requests so far.
    public func requests() throws -> [Request] {
        struct Entry: Decodable {
            let headers: [String: String]
            let body: Data
        }
        let answer = try ask("/test/session/requests")
        return try JSONDecoder().decode([Entry].self, from: Data(answer)).map { entry in
            Request(headers: entry.headers, body: Array(entry.body))
        }
    }

    /// The spans of all requests so far. The agent checks no schema, so this proves little about the encoding.
    public func spans() throws -> [ReceivedSpan] {
        try spanObjects().compactMap { ReceivedSpan($0) }
    }

    /// The attributes of the spans of a name, as texts; arrays by their first element.
    public func attributes(ofSpansNamed name: String) throws -> [[String: String]] {
        try spanObjects().filter { Self.field($0, "name") as? String == name }.map { span in
            var attributes: [String: String] = [:]
            for attribute in Self.list(span, "attributes") {
                guard let key = Self.field(attribute, "key") as? String,
                    let value = Self.field(attribute, "value") as? [String: Any]
                else { continue }
                let list = Self.field(value, "arrayValue").map { Self.list($0, "values") }
                let first = list?.first as? [String: Any] ?? value
                attributes[key] = first.values.first.map { "\($0)" }
            }
            return attributes
        }
    }

    private func spanObjects() throws -> [Any] {
        let requests = try JSONSerialization.jsonObject(with: Data(try ask("/test/session/traces"))) as? [Any] ?? []
        return requests.flatMap { request in
            Self.list(request, "resourceSpans").flatMap { Self.list($0, "scopeSpans") }
                .flatMap { Self.list($0, "spans") }
        }
    }

    /// Waits until so many spans have arrived, without blocking a thread of the pool.
    /// - Returns: all of them.
    public func spans(atLeast count: Int) async throws -> [ReceivedSpan] {
        try await eventually("the test agent has \(count) spans", try spans()) { $0.count >= count }
    }

    /// Forgets everything.
    public func clear() throws {
        _ = try ask("/test/session/clear")
    }

    /// Ends it.
    public func stop() {
        service.stop()
    }

    struct Refused: Error {
        let answer: String
    }

    func ask(_ path: String) throws -> [UInt8] {
        let answer = try HTTPExchange(port: port, path: path)
        guard answer.status == 200 else { throw Refused(answer: answer.head) }
        return answer.body
    }

    static func list(_ object: Any, _ key: String) -> [Any] {
        field(object, key) as? [Any] ?? []
    }

    /// An id in hexadecimal digits. The agent writes those of protobuf bodies in base64.
    static func identifier(_ object: Any, _ key: String, _ bytes: Int) -> String {
        let text = field(object, key) as? String ?? ""
        if text.utf8.count == 2 * bytes { return text.lowercased() }
        return (Data(base64Encoded: text) ?? Data()).hexadecimalDigits
    }

    /// The agent keeps the keys of JSON bodies, and writes those of protobuf bodies with underscores.
    static func field(_ object: Any, _ key: String) -> Any? {
        guard let object = object as? [String: Any] else { return nil }
        if let value = object[key] { return value }
        return object[key.map { $0.isUppercase ? "_" + $0.lowercased() : String($0) }.joined()]
    }
}

extension ReceivedSpan {
    fileprivate init?(_ object: Any) {
        func text(_ key: String) -> String { TestAgent.field(object, key) as? String ?? "" }
        func number(_ value: Any?) -> UInt64? {
            (value as? String).flatMap { UInt64($0) } ?? (value as? NSNumber)?.uint64Value
        }
        func identifier(_ key: String, _ bytes: Int) -> String { TestAgent.identifier(object, key, bytes) }
        let status = TestAgent.field(object, "status").flatMap { TestAgent.field($0, "code") }
        let kind = TestAgent.field(object, "kind")
        guard let start = number(TestAgent.field(object, "startTimeUnixNano")),
            let end = number(TestAgent.field(object, "endTimeUnixNano"))
        else { return nil }
        self.init(
            traceID: identifier("traceId", 16),
            spanID: identifier("spanId", 8),
            parentSpanID: identifier("parentSpanId", 8),
            name: text("name"),
            kind: (kind as? String).flatMap { Self.kind($0) } ?? (kind as? NSNumber)?.intValue ?? 0,
            startNanoseconds: start,
            endNanoseconds: end,
            status: (status as? String).flatMap { Self.status($0) } ?? (status as? NSNumber)?.intValue ?? 0
        )
    }
}
