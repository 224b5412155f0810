import SpanKitTestSupport

/// Streamed answers of the Messages API for tests.
enum AnthropicStream {
    static let start = event(
        "message_start",
        #""message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-test","content":[],"#
            + #""usage":{"input_tokens":25,"cache_creation_input_tokens":200,"cache_read_input_tokens":3000,"output_tokens":1}}"#
    )
    static let ping = event("ping", #""x":1"#)
    static let stop = event("message_stop", #""x":1"#)

    static func event(_ type: String, _ fields: String) -> String {
        "event: \(type)\ndata: {\"type\":\"\(type)\",\(fields)}\n\n"
    }

    static func text(_ text: String) -> String {
        event("content_block_delta", #""index":0,"delta":{"type":"text_delta","text":"\#(text)"}"#)
    }

    static func delta(_ reason: String?, tokens: Int) -> String {
        let delta = reason.map { #"{"stop_reason":"\#($0)"}"# } ?? "{}"
        return event("message_delta", #""delta":\#(delta),"usage":{"output_tokens":\#(tokens)}"#)
    }

    static func error(_ type: String) -> String {
        event("error", #""error":{"type":"\#(type)","message":"because"}"#)
    }

    /// An answer with HTTP 200 and events that closes the connection.
    static func answer(_ events: String...) -> Answer {
        .raw(
            Array(
                ("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nconnection: close\r\n\r\n"
                    + events.joined()).utf8
            )
        )
    }
}
