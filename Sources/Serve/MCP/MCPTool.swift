import SpanKitReports
import SpanKitStore

/// The tools for coding agents. All of them only read.
enum MCPTool: String, CaseIterable, Sendable {
    case findTraces = "find_traces"
    case getTrace = "get_trace"
    case topOperations = "top_operations"
    case errors
    case compare
    case openSpans = "open_spans"
    case waitFor = "wait_for"

    struct Parameter: Sendable {
        let name: String
        let description: String
        var type = "string"
        var choices: [String] = []
        var usual: JSONText?
        var range: ClosedRange<Int>?
        var isRequired = false

        fileprivate var schema: JSONText {
            var members: [(String, JSONText)] = [
                ("type", .string(type)), ("description", .string(description)),
            ]
            if !choices.isEmpty { members.append(("enum", .list(choices.map { .string($0) }))) }
            if let range { members += [("minimum", .count(range.lowerBound)), ("maximum", .count(range.upperBound))] }
            if let usual { members.append(("default", usual)) }
            return .object(members)
        }
    }

    /// The views of `get_trace`.
    enum View: String, CaseIterable {
        case outline, critical, errors, span
    }

    /// The size of an answer in bytes, without another wish and at most.
    static let usualBytes = 8_192
    static let bytes = 1_024...40_960
    /// How long `wait_for` waits in seconds.
    static let timeouts = 1...120
    /// The number of traces that `find_traces` lists.
    static let traceCounts = 1...100

    var title: String {
        switch self {
        case .findTraces: "Find traces"
        case .getTrace: "Read a trace"
        case .topOperations: "Cost of operations"
        case .errors: "Errors by cause"
        case .compare: "Compare two groups of spans"
        case .openSpans: "Open spans"
        case .waitFor: "Wait for a trace"
        }
    }

    var description: String {
        switch self {
        case .findTraces:
            "List stored traces that contain a matching span: id, root operation, start, duration, numbers of spans and errors."
        case .getTrace:
            "Read one trace. 'outline' is the call tree with times (the longest spans if it is large), 'critical' the work that "
                + "determines how long it took, 'errors' the causes of its failures, 'span' everything about one span."
        case .topOperations: "Runs, errors, percentiles and self time of each operation."
        case .errors:
            "Why operations failed: causes with counts, the last trace of each. An error that is passed on counts once."
        case .compare:
            "Compare the operations of two groups of spans, each given as a query, with statistical confidence. Example: before "
                + "'service.version=1.0', after 'service.version=1.1'."
        case .openSpans:
            "The spans that have not ended yet, of processes whose spool the server watches (serve --spool)."
        case .waitFor:
            "Wait for the first trace that ends from now on and contains a matching span, and outline it. Call it, then run the "
                + "program."
        }
    }

    var parameters: [Parameter] { own + [Self.maximumBytes] }

    private var own: [Parameter] {
        switch self {
        case .findTraces:
            [
                Self.query, Self.since,
                Parameter(
                    name: "order",
                    description: "The first trace of the list.",
                    choices: TraceOrder.allCases.map(\.rawValue),
                    usual: "newest"
                ),
                Parameter(
                    name: "limit",
                    description: "The number of traces.",
                    type: "integer",
                    usual: .count(10),
                    range: Self.traceCounts
                ),
                Parameter(name: "cursor", description: "The cursor of an earlier answer, to go on after it."),
            ]
        case .getTrace:
            [
                Parameter(
                    name: "trace",
                    description: "The id of the trace, or its first digits if they are unambiguous.",
                    isRequired: true
                ),
                Parameter(
                    name: "view",
                    description: "What to read of it.",
                    choices: View.allCases.map(\.rawValue),
                    usual: "outline"
                ),
                Parameter(name: "span", description: "The id of the span, for the view 'span'."),
            ]
        case .topOperations, .errors: [Self.query, Self.since]
        case .compare:
            [
                Parameter(name: "before", description: "The query of the earlier group.", isRequired: true),
                Parameter(name: "after", description: "The query of the later group.", isRequired: true),
            ]
        case .openSpans: []
        case .waitFor:
            [
                Self.query,
                Parameter(
                    name: "timeout",
                    description: "How long to wait, in seconds.",
                    type: "integer",
                    usual: .count(30),
                    range: Self.timeouts
                ),
            ]
        }
    }

    private static let query = Parameter(
        name: "query",
        description: """
            Selects spans: service, name, kind, status, duration, error and every attribute, with = != < <= > >= ~ (contains), and, or, \
            not, parentheses; a text alone in quotation marks is searched everywhere. Examples: \
            'error and http.route=/chat', 'service=web and duration>500ms', '"card declined"'. Without it, all.
            """
    )
    private static let since = Parameter(
        name: "since",
        description: "Only spans that started since then: a duration before now such as 15m, or an RFC 3339 time."
    )
    private static let maximumBytes = Parameter(
        name: "max_bytes",
        description: "The maximum size of the answer. What is cut is said.",
        type: "integer",
        usual: .count(usualBytes),
        range: bytes
    )

    /// The tool as `tools/list` describes it.
    var definition: JSONText {
        let parameters = parameters
        var schema: [(String, JSONText)] = [
            ("type", "object"), ("properties", .object(parameters.map { ($0.name, $0.schema) })),
        ]
        let required = parameters.filter(\.isRequired)
        if !required.isEmpty { schema.append(("required", .list(required.map { .string($0.name) }))) }
        schema.append(("additionalProperties", false))
        return .object([
            ("name", .string(rawValue)), ("title", .string(title)), ("description", .string(description)),
            ("inputSchema", .object(schema)),
            (
                "annotations",
                .object([
                    ("title", .string(title)), ("readOnlyHint", true), ("destructiveHint", false),
                    ("idempotentHint", true), ("openWorldHint", false),
                ])
            ),
        ])
    }
}
