import Foundation
import GenAI

/// One event of a streamed answer (Messages API, "Streaming messages"). What it does not know is left out, as the API asks for.
enum AnthropicEvent {
    case messageStart(id: String?, model: String?, AnthropicUsage)
    case text(String)
    case otherOutput
    case messageDelta(stopReason: String?, AnthropicUsage)
    case messageStop
    case error(type: String, message: String)

    /// Nil for pings, for events that say nothing here, and for what is no event of the API.
    init?(_ data: [UInt8]) {
        guard let event = try? JSONDecoder().decode(Wire.self, from: Data(data)) else { return nil }
        switch event.type {
        case "message_start":
            self = .messageStart(
                id: event.message?.id,
                model: event.message?.model,
                event.message?.usage ?? AnthropicUsage()
            )
        case "content_block_delta":
            if event.delta?.type == "text_delta" {
                self = .text(event.delta?.text ?? "")
            } else {
                self = .otherOutput
            }
        case "message_delta":
            self = .messageDelta(stopReason: event.delta?.stop_reason, event.usage ?? AnthropicUsage())
        case "message_stop": self = .messageStop
        case "error": self = .error(type: event.error?.type ?? "api_error", message: event.error?.message ?? "")
        default: return nil
        }
    }

    private struct Wire: Decodable {
        struct Message: Decodable {
            var id: String?
            var model: String?
            var usage: AnthropicUsage?
        }

        struct Delta: Decodable {
            var type: String?
            var text: String?
            var stop_reason: String?
        }

        struct Failure: Decodable {
            var type: String
            var message: String
        }

        var type: String
        var message: Message?
        var delta: Delta?
        var usage: AnthropicUsage?
        var error: Failure?
    }
}
