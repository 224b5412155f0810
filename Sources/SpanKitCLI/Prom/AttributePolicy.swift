/// The attributes that become labels. Ids and content are refused.
///
/// Each value of a label makes a series that Prometheus keeps for its retention time. An id would make a series for every
/// request, and a prompt would leave the machine with the metrics.
struct AttributePolicy: Sendable, Equatable {
    /// The keys that become labels.
    let allowed: Set<String>
    /// The requested keys that are refused, sorted.
    let refused: [String]

    /// Allows `keys` except those for which ``isRefused(_:)`` is true.
    init(allowing keys: some Sequence<String> = []) {
        let keys = Set(keys)
        allowed = keys.filter { !Self.isRefused($0) }
        refused = keys.filter(Self.isRefused).sorted()
    }

    /// Whether an attribute is an id (its last word is `id`, `uuid`, `email`…) or contains content, such as prompts, answers,
    /// queries, URLs or exception messages.
    static func isRefused(_ key: String) -> Bool {
        let lower = key.lowercased()
        let words = lower.split { !($0.isLetter || $0.isNumber) }
        guard let last = words.last else { return true }
        let identifying: Set<Substring> = [
            "id", "ids", "uuid", "guid", "traceid", "spanid", "userid", "sessionid", "requestid", "email", "ip",
            "secret", "password", "authorization", "cookie",
        ]
        return identifying.contains(last)
            || content.contains { lower == $0 || lower.hasPrefix("\($0).") } && !names.contains(lower)
    }

    /// Attributes that have a prefix of content, and are none: the name and the version of a prompt template.
    private static let names: Set<String> = ["gen_ai.prompt.name", "gen_ai.prompt.version"]

    private static let content = [
        "gen_ai.system_instructions", "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.prompt",
        "gen_ai.completion", "gen_ai.tool.definitions", "gen_ai.tool.call.arguments", "gen_ai.tool.call.result",
        "gen_ai.retrieval.query.text", "gen_ai.retrieval.documents", "gen_ai.memory.query.text",
        "gen_ai.memory.records", "db.query.text", "db.statement",
        "db.query.parameter", "url.full", "url.query", "http.url", "http.target", "exception.message",
        "exception.stacktrace", "user_agent.original", "http.request.header", "http.response.header",
        "process.command_line", "process.command_args",
    ]
}
