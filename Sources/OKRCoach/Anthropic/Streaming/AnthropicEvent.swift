import Foundation
import SpanKitGenAI

/// One event of a streamed answer (Messages API, "Streaming messages").
enum AnthropicEvent {
    case messageStart(id: String?, model: String?, AnthropicUsage)
    case text(String)
    case otherOutput
    case messageDelta(stopReason: String?, AnthropicUsage)
    case messageStop
    case error(type: String, message: String)
    /// Pings, and types that this client does not know. The API asks clients to leave them out.
    case ignored
    /// Not what the API documents for its type.
    case malformed(MalformedChunk)

    /// Reads an event; never fails.
    init(_ event: ServerSentEvents.Event) {
        func malformed(_ type: String?, _ reason: String) -> AnthropicEvent {
            .malformed(
                MalformedChunk(type: Self.printable(type ?? event.name), reason: reason, bytes: event.data.count)
            )
        }
        let data = Data(event.data)
        let type: String
        do {
            type = try JSONDecoder().decode(Kind.self, from: data).type
        } catch DecodingError.keyNotFound {
            self = malformed(nil, "type is missing")
            return
        } catch DecodingError.typeMismatch(_, let context) {
            self = malformed(nil, context.codingPath.isEmpty ? "its data is not a JSON object" : "type is not text")
            return
        } catch DecodingError.valueNotFound {
            self = malformed(nil, "type is null")
            return
        } catch {
            self = malformed(nil, event.data.isEmpty ? "its data is empty" : "its data is not JSON")
            return
        }
        do {
            self = try Self.known(type, data)
        } catch let error as Missing {
            self = malformed(type, "\(error.path) is missing")
        } catch DecodingError.typeMismatch(_, let context) {
            self = malformed(type, "\(Self.path(context.codingPath)) has the wrong type")
        } catch {
            self = malformed(type, "its fields cannot be read")
        }
    }

    /// A field that the event's type demands.
    private struct Missing: Error {
        var path: String
    }

    private static func known(_ type: String, _ data: Data) throws -> AnthropicEvent {
        func read<Fields: Decodable>(_ fields: Fields.Type) throws -> Fields {
            try JSONDecoder().decode(fields, from: data)
        }
        switch type {
        case "message_start":
            guard let message = try read(Start.self).message else { throw Missing(path: "message") }
            return .messageStart(id: message.id, model: message.model, message.usage ?? AnthropicUsage())
        case "content_block_delta":
            guard let delta = try read(BlockDelta.self).delta else { throw Missing(path: "delta") }
            guard let deltaType = delta.type else { throw Missing(path: "delta.type") }
            guard deltaType == "text_delta" else { return .otherOutput }
            guard let text = delta.text else { throw Missing(path: "delta.text") }
            return .text(text)
        case "message_delta":
            let fields = try read(MessageDelta.self)
            guard fields.delta != nil || fields.usage != nil else { throw Missing(path: "delta") }
            return .messageDelta(stopReason: fields.delta?.stop_reason, fields.usage ?? AnthropicUsage())
        case "message_stop": return .messageStop
        case "error":
            // However it is worded, it ends the answer.
            let error = try? read(Failure.self).error
            return .error(type: error?.type ?? "api_error", message: error?.message ?? "")
        default: return .ignored
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map(\.stringValue).joined(separator: ".")
    }

    /// A type as it may go into a span and a line: names are short and plain, anything else may be content.
    private static func printable(_ type: String?) -> String? {
        guard let type, !type.isEmpty else { return nil }
        let isName =
            type.utf8.count <= 64 && type.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F || $0 == 0x2E }
        return isName ? type : "an event with an unreadable type"
    }

    private struct Kind: Decodable {
        var type: String
    }

    private struct Start: Decodable {
        struct Message: Decodable {
            var id: String?
            var model: String?
            var usage: AnthropicUsage?
        }

        var message: Message?
    }

    private struct BlockDelta: Decodable {
        struct Delta: Decodable {
            var type: String?
            var text: String?
        }

        var delta: Delta?
    }

    private struct MessageDelta: Decodable {
        struct Delta: Decodable {
            var stop_reason: String?
        }

        var delta: Delta?
        var usage: AnthropicUsage?
    }

    private struct Failure: Decodable {
        struct Body: Decodable {
            var type: String?
            var message: String?
        }

        var error: Body?
    }
}
