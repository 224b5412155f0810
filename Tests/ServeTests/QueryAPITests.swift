import Foundation
import SpanKitTestSupport
import Testing

@testable import SpanKitServe
@testable import SpanKitStore

@Suite("The API of spankit serve", .generousTimeLimit)
struct QueryAPITests {
    private static let traces = "docs/samples/requests.jsonl"
    private static let logs = "docs/samples/logs.jsonl"

    /// A server with the samples.
    private static func server() async throws -> RunningBackend {
        let server = try await RunningBackend()
        try await server.send(try PackageFiles.text(traces))
        try await server.send(try PackageFiles.text(logs), to: "logs")
        return server
    }

    private static var files: [String] { [traces, logs].map { PackageFiles.url($0).path } }

    @Test("reports are those that the command makes of the same spans in a file")
    func reports() async throws {
        let server = try await Self.server()
        let trace = "d07607857f60187acf59841b0a6e08f8"
        let cases: [(path: String, parameters: KeyValuePairs<String, String>, command: [String])] = [
            ("/api/operations", ["source": "spans"], ["top"]),
            ("/api/operations", ["where": "service=coach"], ["top", "--where", "service=coach"]),
            ("/api/errors", [:], ["errors"]),
            ("/api/errors", ["where": "kind=server"], ["errors", "--where", "kind=server"]),
            ("/api/models", [:], ["top", "--by", "model"]),
            ("/api/conversations", [:], ["top", "--by", "conversation"]),
            ("/api/trace/\(trace)/critical", [:], ["critical", "--trace", trace]),
        ]
        for (path, parameters, command) in cases {
            let printed = try await RunningBackend.spankit(command + ["--format", "json"] + Self.files)
            let document = try await server.document(path, parameters)
            #expect(
                try document.without("source", "searched_to_unix_ns") == parsed(printed.output).without(),
                "\(path) \(parameters)"
            )
        }
        let tree = try await server.get("/api/trace/\(trace)/tree", ["width": "100"])
        #expect(tree.text == (try await RunningBackend.spankit(["tree", "--trace", trace] + Self.files)).output)
        let diff = try await RunningBackend.spankit(
            ["diff", "--format", "json", "--where", "service=coach"] + [Self.files[0], Self.files[0]]
        )
        let compared = try await server.document("/api/compare", ["before": "service=coach", "after": "service=coach"])
        #expect(try compared.rows as NSArray == parsed(diff.output).rows as NSArray)
        try await server.stop()
    }

    @Test(
        "every command prints the same with --server as for the files",
        arguments: [
            ["top"], ["top", "--where", "error"], ["top", "--by", "model"], ["slow", "--where", "service=coach"],
            ["errors"],
            ["tree"], ["tree", "--trace", "d0760785", "--full"], ["critical"],
            ["analyze", "--where", "duration>500ms"],
        ]
    )
    func commands(arguments: [String]) async throws {
        let server = try await Self.server()
        for format in ["text", "json"] {
            let words = arguments + ["--format", format]
            let files = try await RunningBackend.spankit(words + Self.files)
            let served = try await RunningBackend.spankit(words + ["--server", server.url])
            #expect(served.status == 0 && files.status == 0, "\(served.error)")
            // The names of the files are facts of an analysis, and of its text.
            guard arguments[0] == "analyze" else {
                #expect(served.output == files.output, "\(words)")
                continue
            }
            guard format == "json" else { continue }
            #expect(try parsed(served.output).rows as NSArray == parsed(files.output).rows as NSArray)
        }
        try await server.stop()
    }

    @Test("log records and comparisons are read from a server")
    func logsAndRuns() async throws {
        let server = try await Self.server()
        for filter in ["severity>=warn", "body~order"] {
            let words = ["logs", "--where", filter, "--format", "json"]
            let files = try await RunningBackend.spankit(words + [Self.files[1]])
            let served = try await RunningBackend.spankit(words + ["--server", server.url])
            #expect(served.output == files.output && served.status == files.status, "\(served.error)")
        }
        let diff = try await RunningBackend.spankit(
            ["diff", "--server", server.url, "--format", "json", "service=coach", "service=gateway"]
        )
        #expect(try parsed(diff.output)["schema"] as? String == "spankit.diff/1", "\(diff.error)")
        try await server.stop()
        let gone = try await RunningBackend.spankit(["top", "--server", server.url])
        #expect(gone.status == 69 && gone.error.contains("start 'spankit serve'"), "\(gone.error)")
    }

    @Test("the list pages through all traces once, in each order", arguments: ["newest", "slowest"])
    func pages(order: String) async throws {
        let server = try await Self.server()
        var ids: [String] = []
        var cursor: String?
        repeat {
            var parameters = ["order": order, "limit": "7"]
            parameters["cursor"] = cursor
            let query = parameters.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
            let document = try await server.document("/api/traces?\(query)")
            #expect(document["total"] as? Int == 30)
            ids += document.rows.compactMap { $0["trace"] as? String }
            cursor = document["cursor"] as? String
        } while cursor != nil
        #expect(ids.count == 30 && Set(ids).count == 30)
        try await server.stop()
    }

    @Test("the answers match their schemas", .needs(.schemas))
    func schemas() async throws {
        let server = try await Self.server()
        try await server.send(Self.metrics, to: "metrics")
        let list = try await server.document("/api/traces")
        let ids = list.rows.compactMap { $0["trace"] as? String }
        let folder = TemporaryFolder("answers")
        let paths = [
            "/api/traces", "/api/traces?q=error&limit=1", "/api/heatmap", "/api/heatmap?columns=10&q=error",
            "/api/services",
            "/api/differences?selMin=1000000000", "/api/differences?selMin=100000000",
            "/api/compare?a=\(ids[0])&b=\(ids[1])",
            "/api/keys", "/api/metrics", "/api/metric?name=orders", "/api/metric?name=latency",
        ]
        var files: [String] = []
        for (number, path) in paths.enumerated() {
            let answer = try await server.exchange("GET", path)
            #expect(answer.status == 200, "\(path): \(answer.text)")
            try folder.put("\(number).json", answer.body)
            files.append(folder.path("\(number).json"))
        }
        let complaints = try await SchemaJudge.complaints(about: files, in: "docs/schemas/api")
        #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))")
        try await server.stop()
    }

    private static let metrics = """
        {"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeMetrics":[{"scope":{},"metrics":[{"name":"orders","unit":"{order}","description":"Orders.","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[{"startTimeUnixNano":"1790000000000000000","timeUnixNano":"1790000001000000000","asInt":"5"},{"startTimeUnixNano":"1790000000000000000","timeUnixNano":"1790000003000000000","asInt":"9","exemplars":[{"timeUnixNano":"1790000002000000000","asInt":"1","traceId":"00000000000000000000000000000001","spanId":"0000000000000001"}]}]}},{"name":"latency","unit":"s","histogram":{"aggregationTemporality":1,"dataPoints":[{"startTimeUnixNano":"1790000000000000000","timeUnixNano":"1790000001000000000","count":"2","sum":0.3,"bucketCounts":["1","1"],"explicitBounds":[0.1]}]}}]}]}]}
        """

    @Test(
        "a parameter that cannot be used is refused in one line",
        arguments: [
            ("/api/traces?q=error%20and", 400, "q: character 10"),
            ("/api/traces?where=a%3D%7E1", 400, "where: character 2"),
            ("/api/traces?limit=100000000", 400, "limit: "), ("/api/traces?limit=-1", 400, "limit: "),
            ("/api/traces?limit=", 200, ""), ("/api/traces?order=best", 400, "newest, slowest, errors"),
            ("/api/traces?cursor=1.2.3", 400, "cursor: "), ("/api/traces?cursor=%00", 400, "cursor: "),
            ("/api/traces?from=yesterday", 400, "from: "), ("/api/traces?from=1m&to=2m", 400, "from: is not before"),
            ("/api/traces?q=a&q=b", 400, "q: is given twice"), ("/api/traces?q=%FF", 400, "UTF-8"),
            ("/api/traces?trace=xyz", 400, "trace: "), ("/api/traces?min=fast", 400, "min: "),
            ("/api/trace/0123456789abcdef0123456789abcdef", 404, "there is no trace"),
            ("/api/trace/zz", 400, "trace: "),
            ("/api/trace/%2e%2e%2fetc/tree", 400, "trace: "), ("/api/heatmap?columns=1000000", 400, "columns: "),
            ("/api/differences", 400, "differences: "), ("/api/compare?a=1", 400, "compare: "),
            ("/api/metric", 400, "name: "),
            ("/api/metric?name=nothing", 200, ""), ("/api/export?signals=all", 400, "signals: "),
            ("/api/operations?source=histograms&q=error", 400, "source: "),
            ("/api/traces?q=%22a%00b%22%20or%20name%3D%22%27%3B--%22", 200, ""),
        ]
    )
    func hostileParameters(path: String, status: Int, text: String) async throws {
        let server = try await RunningBackend()
        try await server.send(try PackageFiles.text(Self.traces).split(separator: "\n").prefix(1).joined())
        let answer = try await server.exchange("GET", path)
        #expect(
            answer.status == status && (text.isEmpty || answer.text.contains(text)),
            "\(path): \(answer.status) \(answer.text)"
        )
        if status != 200 {
            let error = try #require(try parsed(answer.text)["error"] as? String)
            #expect(!error.contains("\n"))
        }
        try await server.stop()
    }

    @Test("the cursor of another query is refused")
    func foreignCursor() async throws {
        let server = try await Self.server()
        let cursor = try #require(try await server.document("/api/traces", ["limit": "2"])["cursor"] as? String)
        #expect(try await server.get("/api/traces", ["limit": "5", "cursor": cursor]).status == 200)
        #expect(try await server.get("/api/traces", ["q": "error", "cursor": cursor]).status == 400)
        #expect(try await server.get("/api/logs", ["cursor": cursor]).status == 400)
        try await server.stop()
    }

    @Test("an event says that the store has changed")
    func events() async throws {
        let server = try await RunningBackend()
        let socket = try LoopbackSocket(connectingTo: server.port)
        defer { socket.close() }
        #expect(socket.send(Array("GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n\r\n".utf8)))
        func received(until text: String) async throws -> String {
            try await onThread {
                var bytes: [UInt8] = []
                while !String(decoding: bytes, as: UTF8.self).contains(text) {
                    let more = try socket.receive()
                    guard !more.isEmpty else { break }
                    bytes += more
                }
                return String(decoding: bytes, as: UTF8.self)
            }
        }
        let first = try await received(until: #""spans":0"#)
        #expect(first.lowercased().contains("content-type: text/event-stream"))
        let line = try PackageFiles.text(Self.traces).split(separator: "\n").prefix(1).joined()
        try await server.send(line)
        let second = try await received(until: #""traces":1"#)
        #expect(second.contains("event: change"))
        try await server.stop()
    }
}
