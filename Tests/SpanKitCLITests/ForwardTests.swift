import Foundation
import SpanKitOTLP
import SpanKitTestSupport
import Testing

/// `spankit ship` sends spans as they were written. `Oracle/forward.py` makes requests by the official definitions, with every
/// field, and compares.
@Suite("Forwarding spans", .generousTimeLimit)
struct ForwardTests {
    struct Way: Sendable, CustomTestStringConvertible {
        let input: String
        let output: Encoding
        let fields: String

        var testDescription: String { "\(fields) fields from \(input) to \(output)" }
    }

    @Test(
        "The receiver gets every field of the input",
        .needs(.codecs),
        arguments: [
            Way(input: "json", output: .json, fields: "known"), Way(input: "json", output: .json, fields: "unknown"),
            Way(input: "json", output: .protobuf, fields: "known"),
            Way(input: "protobuf", output: .json, fields: "known"),
            Way(input: "protobuf", output: .protobuf, fields: "known"),
            Way(input: "protobuf", output: .protobuf, fields: "unknown"),
        ]
    )
    func everyField(way: Way) async throws {
        let program = PackageFiles.url("Tests/SpanKitCLITests/Oracle/forward.py").path
        for seed in 1...3 {
            try await withTemporaryDirectory { directory in
                let make = try await Command.run(
                    .codecs,
                    ["-I", program, "make", "\(seed)", "40", way.input, way.fields, directory.path]
                )
                #expect(make.status == 0, "\(make.error)")
                let requests = try await ship(
                    way.input == "json" ? "sent.jsonl" : "sent.pb",
                    to: way.output,
                    in: directory
                )
                var files: [String] = []
                for (number, request) in requests.enumerated() {
                    let file = directory.appending(path: "\(number).\(request.isProtobuf ? "pb" : "json")")
                    try Data(#require(request.decodedBody)).write(to: file)
                    files.append(file.path)
                }
                let compare = try await Command.run(.codecs, ["-I", program, "compare", directory.path] + files)
                #expect(compare.status == 0, "\(compare.error)")
                #expect(compare.output.contains(" sent, "))
                #expect(compare.output.split(separator: "\n").count == 1, "seed \(seed): \(compare.output)")
            }
        }
    }

    /// - Returns: The requests that a receiver got.
    private func ship(
        _ file: String,
        to encoding: Encoding = .json,
        in directory: URL,
        error: String? = nil,
        environment: [String: String] = [:]
    ) async throws -> [ReceivedRequest] {
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let protocolName = encoding == .json ? "http/json" : "http/protobuf"
        let ship = try await SpanKitProcess.run(
            "ship",
            file,
            "--otlp-endpoint",
            server.url,
            in: directory,
            environment: environment.merging(["OTEL_EXPORTER_OTLP_PROTOCOL": protocolName]) { $1 }
        )
        #expect(ship.status == 0, "\(ship.error)")
        if let error { #expect(ship.error.contains(error), "\(ship.error)") }
        return server.requests
    }

    private static func line(service: String, _ span: String, resource: String = "", scope: String = "") -> String {
        """
        {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"\(service)"}}]\(resource)},\
        "scopeSpans":[{"scope":{"name":"lib"\(scope)},"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c",\
        "spanId":"00000000000000ab",\(span)}]}]}]}

        """
    }

    private static func text(_ requests: [ReceivedRequest]) -> String {
        requests.map { String(decoding: $0.decodedBody ?? [], as: UTF8.self) }.joined(separator: "\n")
    }

    @Test("Interleaved services share a request, and each resource is in it once")
    func interleaved() async throws {
        try await withTemporaryDirectory { directory in
            let lines = (0..<500).map { Self.line(service: "s\($0 % 3)", "\"name\":\"op \($0)\"") }
            try lines.joined().write(to: directory.appending(path: "x.jsonl"), atomically: true, encoding: .utf8)
            for encoding in Encoding.allCases {
                let requests = try await ship("x.jsonl", to: encoding, in: directory)
                #expect(requests.count == 1)
                let text = Self.text(requests)
                #expect(text.split(separator: "service.name").count == 4, "three resources")
                #expect(text.split(separator: "op ").count == 501)
            }
        }
    }

    @Test("Names that Unicode calls equal but whose bytes differ stay separate")
    func canonicalEquivalence() async throws {
        try await withTemporaryDirectory { directory in
            let keys = ["k\u{E9}", "ke\u{301}"].map { "{\"key\":\"\($0)\",\"value\":{\"intValue\":\"1\"}}" }
            let lines = ["s\u{E9}", "se\u{301}"].map {
                Self.line(service: $0, "\"attributes\":[\(keys.joined(separator: ","))]")
            }
            try lines.joined().write(to: directory.appending(path: "x.jsonl"), atomically: true, encoding: .utf8)
            let text = Self.text(try await ship("x.jsonl", in: directory))
            for part in ["\"s\u{E9}\"", "\"se\u{301}\"", keys.joined(separator: ",")] {
                #expect(text.utf8.contains(part.utf8), "\(part)")
            }
        }
    }

    @Test("Redaction applies to every known text, and unknown fields are left out and counted")
    func redaction() async throws {
        try await withTemporaryDirectory { directory in
            let secret = "sk-ant-" + "api03-CANARY0123456789abcdef"
            let attribute =
                "\"attributes\":[{\"key\":\"\(secret)\",\"value\":{\"kvlistValue\":{\"values\":[{\"key\":\"k\",\"value\":{\"stringValue\":\"\(secret)\"}}]}}}]"
            let line = Self.line(
                service: secret,
                """
                "name":"\(secret)","traceState":"a=\(secret)","status":{"code":1,"message":"\(secret)"},\(attribute),"newer":"\(secret)",\
                "flags":66305,"events":[{"name":"\(secret)",\(attribute)}],"links":[{"traceId":"0af7651916cd43dd8448eb211c80319c",\
                "spanId":"00000000000000ac","traceState":"a=\(secret)",\(attribute)}]
                """,
                resource: ",\"droppedAttributesCount\":3,\"newer\":\"\(secret)\"",
                scope: ",\"version\":\"\(secret)\",\(attribute)"
            )
            try line.write(to: directory.appending(path: "x.jsonl"), atomically: true, encoding: .utf8)
            let plain = Self.text(try await ship("x.jsonl", in: directory))
            #expect(plain.split(separator: secret, omittingEmptySubsequences: false).count == 18, "\(plain)")
            let text = Self.text(
                try await ship(
                    "x.jsonl",
                    in: directory,
                    error: "2 unknown fields were left out: redaction cannot check them",
                    environment: ["SPANKIT_REDACTION": "drop"]
                )
            )
            #expect(!text.contains("sk-ant"), "\(text)")
            for kept in ["\"flags\":66305", "\"code\":1", "\"droppedAttributesCount\":3", "[redacted:"] {
                #expect(text.contains(kept), "\(kept)")
            }
        }
    }

    @Test("Unknown fields that cannot be translated are counted, with the setting that keeps them")
    func untranslatable() async throws {
        try await withTemporaryDirectory { directory in
            let line = Self.line(service: "s", "\"name\":\"op\",\"newer\":1", resource: ",\"newest\":[]")
            try line.write(to: directory.appending(path: "x.jsonl"), atomically: true, encoding: .utf8)
            let requests = try await ship(
                "x.jsonl",
                to: .protobuf,
                in: directory,
                error:
                    "2 unknown fields were left out: their types are not known, so they cannot be translated from JSON; "
                    + "to keep them, set OTEL_EXPORTER_OTLP_PROTOCOL=http/json"
            )
            #expect(requests.count == 1 && requests[0].isProtobuf)
            #expect(requests[0].decodedBody?.contains(Array("op".utf8)) == true)
        }
    }

    @Test("Damage within a span is left out and reported, and the rest of the span is sent")
    func damage() async throws {
        try await withTemporaryDirectory { directory in
            let span =
                "\"name\":\"op\",\"events\":5,\"kind\":\"SPAN_KIND_SERVER\",\"status\":\"x\",\"attributes\":[{\"key\":\"a\"},7]"
            try Self.line(service: "s", span)
                .write(to: directory.appending(path: "x.jsonl"), atomically: true, encoding: .utf8)
            let server = try FaultServer(.ok)
            defer { server.stop() }
            let ship = try await SpanKitProcess.run("ship", "x.jsonl", "--otlp-endpoint", server.url, in: directory)
            #expect(ship.status == 65)
            #expect(ship.error.split(separator: "it is left out").count == 4, "\(ship.error)")
            let text = Self.text(server.requests)
            #expect(text.contains("\"name\":\"op\",\"kind\":2,\"attributes\":[{\"key\":\"a\"}]"), "\(text)")
        }
    }

    @Test("A null is a value that is not set, and what a strict receiver could not read is left out and reported")
    func strictness() async throws {
        try await withTemporaryDirectory { directory in
            let values = [
                #"{"stringValue":"a","intValue":null}"#, #"{"intValue":null,"stringValue":"b","arrayValue":null}"#,
                #"{"boolValue":"maybe"}"#,
            ]
            let attributes = values.enumerated().map { #"{"key":"k\#($0)","value":\#($1)}"# }.joined(separator: ",")
            let unknown = [
                "01", "1.", ".5", "-", "1e", "+1", #""\x""#, "\"a\tb\"", "[1,]", #"{"a":1,}"#, #"{"fine":[1.5]}"#,
            ]
            let members = unknown.enumerated().map { #""new\#($0)":\#($1)"# }.joined(separator: ",")
            try Self.line(
                service: "s",
                "\"name\":\"op\",\"parentSpanId\":\"xyz\",\"attributes\":[\(attributes)],\(members)"
            )
            .write(to: directory.appending(path: "x.jsonl"), atomically: true, encoding: .utf8)
            let server = try FaultServer(.ok)
            defer { server.stop() }
            let ship = try await SpanKitProcess.run("ship", "x.jsonl", "--otlp-endpoint", server.url, in: directory)
            #expect(ship.status == 65)
            for note in ["'xyz' is not a valid id; it is left out", "'maybe' is not a boolean; it is read as false"] {
                #expect(ship.error.contains(note), "\(ship.error)")
            }
            let body = try #require(server.requests.first?.decodedBody)
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(body)) }
            let text = String(decoding: body, as: UTF8.self)
            for kept in [
                #""value":{"stringValue":"a"}"#, #""value":{"stringValue":"b"}"#, #""value":{"boolValue":false}"#,
                #""new10":{"fine":[1.5]}"#,
            ] {
                #expect(text.contains(kept), "\(text)")
            }
            #expect(!text.contains("new1\"") && !text.contains("parentSpanId"), "\(text)")
        }
    }

    @Test("A trace state that redaction removes is reported, and unknown fields of a resource are counted once")
    func counts() async throws {
        try await withTemporaryDirectory { directory in
            let secret = "sk-ant-" + "api03-CANARY0123456789abcdef"
            let spans = (0..<9_000).map {
                let state = $0 == 0 ? ",\"traceState\":\"a=\(secret)\"" : ""
                return
                    #"{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"00000000000000ab","name":"n\#($0)"\#(state)}"#
            }
            let line =
                #"{"resourceSpans":[{"resource":{"newer":1},"scopeSpans":[{"spans":[\#(spans.joined(separator: ","))]}]}]}"#
            try (line + "\n").write(to: directory.appending(path: "x.jsonl"), atomically: true, encoding: .utf8)
            let environment = ["SPANKIT_REDACTION": "drop"]
            let requests = try await ship(
                "x.jsonl",
                in: directory,
                error: "1 trace state was removed",
                environment: environment
            )
            #expect(requests.count == 2)
            _ = try await ship(
                "x.jsonl",
                in: directory,
                error: "1 unknown field was left out",
                environment: environment
            )
        }
    }

    @Test("Zipkin spans are sent as OTLP, each with its service")
    func zipkin() async throws {
        try await withTemporaryDirectory { directory in
            let spans = ["a", "b", "a"].enumerated().map { number, service in
                """
                {"traceId":"0af7651916cd43dd8448eb211c80319c","id":"000000000000000\(number + 1)","name":"n\(number)",\
                "timestamp":1000,"duration":5,"localEndpoint":{"serviceName":"\(service)"}}
                """
            }
            try "[\(spans.joined(separator: ","))]"
                .write(to: directory.appending(path: "x.json"), atomically: true, encoding: .utf8)
            let requests = try await ship("x.json", in: directory)
            let text = Self.text(requests)
            #expect(requests.count == 1 && text.split(separator: "service.name").count == 3, "\(text)")
            for number in 0..<3 { #expect(text.contains("\"n\(number)\"")) }
        }
    }
}

extension String.UTF8View {
    fileprivate func contains(_ other: String.UTF8View) -> Bool { Array(self).firstRange(of: Array(other)) != nil }
}
