/// A variable of the environment that decides something: the one list that the documentation is made of.
public struct EnvironmentVariable: Sendable, Hashable {
    /// Such as `OTEL_TRACES_SAMPLER`.
    public let name: String
    /// What it says, and in what form.
    public let meaning: String
    /// What holds where it is not set.
    public let standard: String
    /// What it is about.
    public let part: Part
    /// The variable that says the same for all signals, where this one is for a single one and stands before it.
    public let general: String?

    /// The parts of the documentation.
    public enum Part: String, Sendable, Hashable, CaseIterable {
        /// The file that stands for all others.
        case file
        /// Where spans go, and how.
        case destination
        /// What is recorded.
        case recording
        /// What is sent when.
        case batches
        /// Numbers beside spans.
        case metrics
        /// What the command `spankit` reads besides.
        case command
    }

    private init(
        _ part: Part,
        _ name: String,
        _ meaning: String,
        _ standard: String = "–",
        insteadOf general: String? = nil
    ) {
        self.part = part
        self.general = general
        self.name = name
        self.meaning = meaning
        self.standard = standard
    }

    /// All that SpanKit and its command read. `docs/export.md` shows them; `spankit doctor --settings` does, with what they hold.
    public static let all: [EnvironmentVariable] =
        [
            .init(
                .file,
                "OTEL_CONFIG_FILE",
                "a configuration file; all other `OTEL_*` count only where it refers to them"
            ),
            .init(.file, "OTEL_EXPERIMENTAL_CONFIG_FILE", "the same, by its old name"),

            .init(.destination, "OTEL_TRACES_EXPORTER", "a list of `otlp`, `console`, `otlp/stdout`, `none`", "`otlp`"),
            .init(
                .destination,
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "base URL; `v1/traces` and `v1/metrics` are appended",
                "`http://localhost:4318`"
            ),
        ] + otlp("ENDPOINT", "full URL, used as it is")
        + shared("PROTOCOL", "`http/json`, `http/protobuf`", "`http/json`")
        + shared("COMPRESSION", "`gzip`, `none`; bodies under 1 KiB are never compressed", "`gzip` (level 1)")
        + shared("HEADERS", "`name=value,…`, values percent-encoded; never logged")
        + shared("TIMEOUT", "milliseconds for all attempts of a batch and the waits between; 0: no limit", "10000")
        + shared("CERTIFICATE", "PEM file of authorities", "the system's")
        + shared("CLIENT_CERTIFICATE", "PEM file for mutual TLS")
        + shared("CLIENT_KEY", "PEM file of its key") + [
            .init(
                .destination,
                "SPANKIT_REDACTION",
                "`drop`, `hash` or `length`: what is done with all that looks like a secret or a personal address; a value that is not known redacts, too",
                "off"
            ),
            .init(.destination, "SPANKIT_SPOOL_DIR", "keeps undelivered spans here", "memory only"),

            .init(.recording, "OTEL_SDK_DISABLED", "`true`: nothing is recorded", "`false`"),
            .init(
                .recording,
                "ENABLE_PROFILING",
                "`false`: nothing is recorded",
                "on, where `Telemetry.start()` is called"
            ),
            .init(.recording, "OTEL_SERVICE_NAME", "who sends", "`unknown_service:<program>`"),
            .init(.recording, "OTEL_RESOURCE_ATTRIBUTES", "`key=value,…`, percent-encoded: more of who sends"),
            .init(
                .recording,
                "OTEL_PROPAGATORS",
                "`tracecontext`, `baggage`, `none`, a list; in force where nothing is recorded, too",
                "`tracecontext,baggage`"
            ),
            .init(
                .recording,
                "OTEL_TRACES_SAMPLER",
                "`always_on`, `always_off`, `traceidratio`, `parentbased_…` (see [Sampling](sampling.md))",
                "`parentbased_always_on`"
            ),
            .init(.recording, "OTEL_TRACES_SAMPLER_ARG", "the share of `…traceidratio`, from 0 to 1", "1"),
            .init(
                .recording,
                "SPANKIT_TAIL_SAMPLING",
                "which traces are kept at their end, as in `errors,slow=2000,p95,otherwise=0.1`: of those that no rule keeps, "
                    + "a tenth where `otherwise` is missing (see [Sampling](sampling.md))",
                "`all`"
            ),
            .init(.recording, "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "attributes of a span", "128"),
            .init(
                .recording,
                "OTEL_ATTRIBUTE_COUNT_LIMIT",
                "the same of spans, events and links that have none of their own",
                "128"
            ),
            .init(.recording, "OTEL_SPAN_EVENT_COUNT_LIMIT", "events of a span", "128"),
            .init(.recording, "OTEL_SPAN_LINK_COUNT_LIMIT", "links of a span", "128"),
            .init(.recording, "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "attributes of an event", "128"),
            .init(.recording, "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "attributes of a link", "128"),
            .init(.recording, "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "characters of a text in a span", "none"),
            .init(.recording, "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "the same, where that is not set", "none"),
            .init(
                .recording,
                "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
                "`true` records what is said to models and by them (`ModelTelemetry.Configuration.environment()`)",
                "off"
            ),

            .init(.batches, "OTEL_BSP_SCHEDULE_DELAY", "milliseconds a span waits for others at most", "5000"),
            .init(.batches, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "spans of a request", "512, more under a backlog"),
            .init(
                .batches,
                "OTEL_BSP_EXPORT_TIMEOUT",
                "milliseconds for all attempts of a batch; the shorter of this and `OTEL_EXPORTER_OTLP_TIMEOUT` holds",
                "none"
            ),
            .init(
                .batches,
                "OTEL_BSP_MAX_QUEUE_SIZE",
                "spans that wait, about: it sets the size of the log",
                "as many as fit in 64 MiB"
            ),

            .init(
                .metrics,
                "OTEL_METRICS_EXPORTER",
                "`otlp`: durations and self-metrics go to `/v1/metrics`; `none`",
                "none"
            ),
            .init(
                .metrics,
                "OTEL_METRIC_EXPORT_INTERVAL",
                "milliseconds; also of `spankit profile --prom`",
                "60000, of `--prom` 15000"
            ),
            .init(
                .metrics,
                "SPANKIT_SELF_METRICS",
                "names of the exporter's own metrics in the textfile: `otel`, `spankit` (which will not change), `none`",
                "`otel`"
            ),

            .init(.command, "ANTHROPIC_API_KEY", "the key of `spankit profile --model anthropic`; never logged"),
            .init(.command, "ANTHROPIC_BASE_URL", "where its model is asked", "`https://api.anthropic.com`"),
            .init(.command, "ANTHROPIC_MODEL", "which model is asked", "`claude-sonnet-4-5`"),
            .init(.command, "NO_COLOR", "set and not empty: no colour on terminals"),
        ]

    /// An option that each signal has for itself.
    private static func otlp(_ option: String, _ meaning: String) -> [EnvironmentVariable] {
        ["TRACES", "METRICS"].map { .init(.destination, "OTEL_EXPORTER_OTLP_\($0)_\(option)", meaning) }
    }

    /// An option that all signals have together, and each for itself.
    private static func shared(_ option: String, _ meaning: String, _ standard: String = "–") -> [EnvironmentVariable] {
        [.init(.destination, "OTEL_EXPORTER_OTLP_\(option)", meaning, standard)]
            + ["TRACES", "METRICS"].map {
                .init(
                    .destination,
                    "OTEL_EXPORTER_OTLP_\($0)_\(option)",
                    "the same for \($0.lowercased()) only",
                    "`OTEL_EXPORTER_OTLP_\(option)`",
                    insteadOf: "OTEL_EXPORTER_OTLP_\(option)"
                )
            }
    }
}
