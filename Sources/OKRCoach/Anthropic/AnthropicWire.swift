import Foundation
import SpanKitGenAI
import SpanKitHTTP

/// The JSON of the Messages API, except for streams.
enum AnthropicWire {
    static func body(_ prompt: Prompt, model: String, isStreaming: Bool) throws -> [UInt8] {
        let request = Request(
            model: model,
            max_tokens: prompt.maximumOutputTokens,
            system: prompt.system,
            messages: prompt.messages.map { ["role": $0.role.rawValue, "content": $0.text] },
            stream: isStreaming ? true : nil
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return try Array(encoder.encode(request))
    }

    static func reply(_ answer: HTTPAnswer) throws(LanguageModelError) -> ModelReply {
        let decoded: Response
        do {
            decoded = try JSONDecoder().decode(Response.self, from: Data(answer.body))
        } catch {
            throw .invalidResponse(reason: "HTTP 200 with \(describe(answer))")
        }
        if let error = decoded.error { throw .invalidResponse(reason: "HTTP 200 with an error: \(error.message)") }
        let text = (decoded.content ?? []).filter { $0.type == "text" }.compactMap(\.text).joined()
        guard !text.isEmpty else { throw .invalidResponse(reason: "it holds no text") }
        return ModelReply(
            text: text,
            model: decoded.model ?? "",
            stopReason: decoded.stop_reason ?? "",
            usage: decoded.usage?.total ?? TokenUsage()
        )
    }

    /// The API's error, or nil if the body contains none.
    static func error(_ answer: HTTPAnswer) -> (type: String, message: String)? {
        let decoded = try? JSONDecoder().decode(Response.self, from: Data(answer.body))
        return decoded?.error.map { ($0.type, $0.message) }
    }

    /// A description of a body that is not JSON of the API.
    static func describe(_ answer: HTTPAnswer) -> String {
        if answer.body.isEmpty { return "an empty body" }
        let start =
            String(decoding: answer.body.prefix(60), as: UTF8.self).split(whereSeparator: \.isNewline).first ?? ""
        let printable = start.filter { !$0.unicodeScalars.contains { $0.properties.generalCategory == .control } }
        return
            "a body of \(answer.body.count == 1 ? "1 byte" : "\(answer.body.count) bytes") that starts with '\(printable)'"
    }

    private struct Request: Encodable {
        var model: String
        var max_tokens: Int
        var system: String
        var messages: [[String: String]]
        var stream: Bool?
    }

    private struct Response: Decodable {
        struct Block: Decodable {
            var type: String
            var text: String?
        }

        struct Failure: Decodable {
            var type: String
            var message: String
        }

        var content: [Block]?
        var model: String?
        var stop_reason: String?
        var usage: AnthropicUsage?
        var error: Failure?
    }
}
