/// One request as it goes out.
struct HTTPRequest: Sendable {
    var url: String
    /// `name: value` lines; they may hold secrets and are never printed.
    var headers: [(name: String, value: String)]
    var body: [UInt8]
}

/// What came back.
struct HTTPResponse: Sendable {
    var status: Int
    /// Names in lower case.
    var headers: [String: String]
    var body: [UInt8]

    /// Whether the body is a stream of server-sent events.
    var isEventStream: Bool { headers["content-type"]?.lowercased().hasPrefix("text/event-stream") == true }
}

/// Why nothing came back.
enum HTTPTransportError: Error, Equatable {
    /// The time was up.
    case timeout
    /// No connection, or it broke; the text is curl's.
    case connection(String)
    /// The answer exceeds the cap.
    case tooLarge(limit: Int)
    /// The task was cancelled.
    case cancelled
    /// The URL or an option cannot be used.
    case invalidRequest(String)
}
