import Foundation
import SpanKitPlatform
import SpanKitStore
import SpanKitTestSupport
import Testing

extension RunningBackend {
    var url: String { "http://127.0.0.1:\(port)" }

    /// Sends each line of a file of OTLP JSON as a request.
    func send(_ lines: String, to signal: String = "traces") async throws {
        for line in lines.split(separator: "\n") {
            let answer = try await exchange(
                "POST",
                "/v1/\(signal)",
                headers: ["Content-Type: application/json"],
                body: Array(line.utf8)
            )
            #expect(answer.status == 200, "\(answer.text)")
        }
    }

    /// The document at a path with query parameters.
    func document(_ path: String, _ parameters: KeyValuePairs<String, String> = [:]) async throws -> [String: Any] {
        let answer = try await get(path, parameters)
        #expect(answer.status == 200, "\(path): \(answer.text)")
        return try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
    }

    func get(_ path: String, _ parameters: KeyValuePairs<String, String> = [:]) async throws -> HTTPExchange {
        let query = parameters.map { "\($0.key)=\(Self.encoded($0.value))" }.joined(separator: "&")
        return try await exchange("GET", path + (query.isEmpty ? "" : "?" + query))
    }

    private static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    /// What `spankit` prints.
    static func spankit(_ arguments: [String]) async throws -> Command {
        try await Command.run(
            program: BuiltProducts.url("spankit").path,
            arguments,
            environment: ["LANG": "C.UTF-8", "TZ": "UTC"]
        )
    }
}

extension [String: Any] {
    /// The same members without some of them.
    func without(_ names: String...) -> NSDictionary { filter { !names.contains($0.key) } as NSDictionary }

    var rows: [[String: Any]] { self["rows"] as? [[String: Any]] ?? [] }
}

/// A JSON document as it is compared.
func parsed(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
}
