import SpanKitPlatform

/// An environment variable that SpanKit reads. ``all`` is the source of the tables in the documentation.
public struct EnvironmentVariable: Sendable, Hashable {
    /// The name, such as `OTEL_TRACES_SAMPLER`.
    public let name: String
    /// The effect of the variable and the format of its value, in Markdown.
    public let meaning: String
    /// The default, which applies if the variable is not set; `–` for none.
    public let standard: String
    /// The part of the documentation that lists the variable.
    public let part: Part
    /// For a variable of one signal, the name of the general variable that it overrides; nil for all others.
    public let general: String?

    /// The parts of the documentation.
    public enum Part: String, Sendable, Hashable, CaseIterable {
        /// The configuration file, which replaces most other variables.
        case file
        /// The destinations of spans, and how spans are sent to them.
        case destination
        /// What is recorded.
        case recording
        /// When spans are sent.
        case batches
        /// Whether and how log records are exported.
        case logs
        /// Whether and how metrics are exported.
        case metrics
        /// Variables that only the command `spankit` reads.
        case command
    }

    /// All variables that the library and its command read, except those of the bundled example program.
    /// `docs/export.md` and `spankit doctor --settings` show them.
    public static let all =
        table(
            .file,
            """
            OTEL_CONFIG_FILE | path of a configuration file; other `OTEL_*` variables then apply only where the file refers to them, except `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` and `OTEL_SEMCONV_STABILITY_OPT_IN` | –
            OTEL_EXPERIMENTAL_CONFIG_FILE | the same, by its old name | –
            """
        )
        + table(
            .destination,
            """
            OTEL_TRACES_EXPORTER | a list of `otlp`, `console`, `otlp/stdout`, `none` | `otlp`
            OTEL_EXPORTER_OTLP_ENDPOINT | base URL, or a Unix domain socket such as `unix:///run/otel.sock`; `v1/traces`, `v1/logs` and `v1/metrics` are appended, except for gRPC | `http://localhost:4318`; `http://localhost:4317` for gRPC
            OTEL_EXPORTER_OTLP_TRACES_ENDPOINT | full URL, used as it is | –
            OTEL_EXPORTER_OTLP_METRICS_ENDPOINT | full URL, used as it is | –
            OTEL_EXPORTER_OTLP_LOGS_ENDPOINT | full URL, used as it is | –
            """
        )
        + shared(
            """
            PROTOCOL | `http/json`, `http/protobuf`, `grpc` | `http/json`
            INSECURE | `true`: no TLS for gRPC, if the endpoint has no scheme | `false`
            COMPRESSION | `gzip`, `none`; bodies under 1 KiB are never compressed | `gzip` (level 1)
            HEADERS | `name=value,…`, values percent-encoded; never logged | –
            TIMEOUT | time limit in milliseconds for a request together with its retries; when it is used up, the batch is retried later with a new limit; 0: no limit | 10000
            CERTIFICATE | PEM file of the certificate authorities to trust | the system's
            CLIENT_CERTIFICATE | PEM file for mutual TLS | –
            CLIENT_KEY | PEM file of the client certificate's key | –
            """
        )
        + table(
            .destination,
            """
            SPANKIT_OTLP_BEARER_TOKEN_FILE | file with a token, sent as `Authorization: Bearer …` by all OTLP exporters; read again when it changes (see [Credentials](export.md#use-credentials-that-expire)) | –
            SPANKIT_REDACTION | replaces secrets, e-mail addresses, phone numbers and card numbers with a marker. \
            `drop`: the marker alone; `hash`: with a hash of the text; `length`: with its length. An unknown value acts like `drop`. | off
            SPANKIT_SPOOL_DIR | directory for undelivered spans | memory only
            """
        )
        + table(
            .recording,
            """
            OTEL_SDK_DISABLED | `true`: nothing is recorded | `false`
            ENABLE_PROFILING | `false`: nothing is recorded | on for `Telemetry`; `PerformanceProfiler()` is on in debug builds only
            OTEL_SERVICE_NAME | name of the service | `unknown_service:<program>`
            OTEL_RESOURCE_ATTRIBUTES | `key=value,…`, percent-encoded: more resource attributes | –
            SPANKIT_RESOURCE_DETECTORS | a list of `process`, `host`, `container`, `service`, `kubernetes`, `cloud`: attributes of the \
            environment (see [Describe the resource](configuration-file.md#describe-the-resource)) | –
            OTEL_PROPAGATORS | a list of `tracecontext`, `baggage`, `b3`, `b3multi`, `jaeger`, `xray`, `none`; also applies if telemetry is off | \
            `tracecontext,baggage`
            OTEL_TRACES_SAMPLER | `always_on`, `always_off`, `traceidratio`, `parentbased_…` \
            (see [Sampling](sampling.md)) | `parentbased_always_on`
            OTEL_TRACES_SAMPLER_ARG | the sampling probability of `…traceidratio`, from 0 to 1 | 1
            SPANKIT_TAIL_SAMPLING | rules that decide, after a trace has ended, whether it is kept, such as `errors,slow=2000,p95,otherwise=0.1`. Without `otherwise`, \
            a tenth of the traces that match no rule is kept (see [Sampling](sampling.md)) | `all`
            OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT | attributes of a span | 128
            OTEL_ATTRIBUTE_COUNT_LIMIT | attributes of a span, event or link, if its own limit is not set | 128
            OTEL_SPAN_EVENT_COUNT_LIMIT | events of a span | 128
            OTEL_SPAN_LINK_COUNT_LIMIT | links of a span | 128
            OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT | attributes of an event | 128
            OTEL_LINK_ATTRIBUTE_COUNT_LIMIT | attributes of a link | 128
            OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN | `logs`: exceptions become log records of their span; `logs/dup`: log records and events | events
            OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT | characters of an attribute string in a span | none
            OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT | the same, if `OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT` is not set | none
            OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT | `true` records the messages to and from models, \
            if the program uses `ModelTelemetry.Configuration.environment()` | off
            OTEL_SEMCONV_STABILITY_OPT_IN | a list; `gen_ai_latest_experimental` records calls of models with the names of OpenTelemetry's GenAI conventions 0.1.0 \
            instead of 1.41.1 (see [Language models](language-models.md)). Other values are for other libraries | –
            """
        )
        + table(
            .batches,
            """
            OTEL_BSP_SCHEDULE_DELAY | maximum time in milliseconds that a span waits for its batch | 5000
            OTEL_BSP_MAX_EXPORT_BATCH_SIZE | maximum number of spans in a batch | 512, more under a backlog
            OTEL_BSP_EXPORT_TIMEOUT | sets the same limit as `OTEL_EXPORTER_OTLP_TIMEOUT`, in milliseconds; \
            if both are set, the shorter one applies | none
            OTEL_BSP_MAX_QUEUE_SIZE | approximate number of spans that can wait; sets the size of the span log, the memory that holds ended spans until they are put into a batch | as many as fit in 64 MiB
            """
        )
        + table(
            .logs,
            """
            OTEL_LOGS_EXPORTER | a list of `otlp` (to `/v1/logs`), `console`, `otlp/stdout`, `none`: where log records are sent | the value of `OTEL_TRACES_EXPORTER`
            OTEL_BLRP_SCHEDULE_DELAY | maximum time in milliseconds that a log record waits for its batch | 1000
            OTEL_BLRP_MAX_EXPORT_BATCH_SIZE | maximum number of log records in a batch | 512, more under a backlog
            OTEL_BLRP_EXPORT_TIMEOUT | sets the same limit as `OTEL_EXPORTER_OTLP_LOGS_TIMEOUT`, in milliseconds; if both are set, the shorter one applies | none
            OTEL_BLRP_MAX_QUEUE_SIZE | approximate number of log records that can wait; sets the size of their log | as many as fit in 64 MiB
            OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT | attributes of a log record | `OTEL_ATTRIBUTE_COUNT_LIMIT`
            OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT | characters of an attribute string in a log record; the message has no limit | `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`
            SPANKIT_LOGS_MINIMUM_SEVERITY | `trace`, `debug`, `info`, `warn`, `error` or `fatal`, each also with 2, 3 or 4 appended: the lowest severity that is recorded | all
            SPANKIT_LOGS_TRACE_BASED | `true` leaves out log records inside unsampled spans | `false`
            """
        )
        + table(
            .metrics,
            """
            OTEL_METRICS_EXPORTER | a list of `otlp` (to `/v1/metrics`), `console`, `otlp/stdout`, `none`: where the program's metrics, durations and the exporter's own metrics are sent | `none`
            OTEL_METRIC_EXPORT_INTERVAL | interval in milliseconds between two exports; also between two writes of `spankit profile --prom` | 60000; 15000 for `--prom`
            OTEL_METRIC_EXPORT_TIMEOUT | time limit in milliseconds for all attempts of one export; the shorter one of this and \
            `OTEL_EXPORTER_OTLP_METRICS_TIMEOUT` applies; 0: no limit | 30000
            OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE | `cumulative`, `delta` or `lowmemory`: which values are sent as differences \
            (see [Metrics](metrics.md#receivers)) | `cumulative`
            OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION | `base2_exponential_bucket_histogram` or `explicit_bucket_histogram`: \
            how histograms without explicitly chosen bounds are sent | `base2_exponential_bucket_histogram`
            OTEL_METRICS_EXEMPLAR_FILTER | `trace_based`, `always_on` or `always_off`: which measurements can become exemplars, which link to their trace | `trace_based`
            SPANKIT_PROCESS_METRICS | `true` adds `process.*` metrics of CPU, memory, disk, threads and open files (see [Metrics](metrics.md#process-metrics)) | `false`
            SPANKIT_SELF_METRICS | how the exporter's own metrics are named in the textfile: `otel` (OpenTelemetry's names, which may \
            change), `spankit` (stable names), `none` (not written) | `otel`
            """
        )
        + table(
            .command,
            """
            NO_COLOR | set and not empty: no colour on terminals | –
            CLICKHOUSE_USER | the user of a ClickHouse server, for `--from` (see [SQL](sql.md)) | the server's default user
            CLICKHOUSE_PASSWORD | the password of this user; never logged | –
            """
        )

    /// Reads one variable from each line: name, meaning and default, with ` | ` between them.
    package static func table(_ part: Part, _ text: String) -> [EnvironmentVariable] {
        rows(text).map { .init(name: $0[0], meaning: $0[1], standard: $0[2], part: part, general: nil) }
    }

    /// The variables of options that exist for all signals together and for each signal.
    private static func shared(_ text: String) -> [EnvironmentVariable] {
        rows(text).flatMap { row in
            let general = "OTEL_EXPORTER_OTLP_\(row[0])"
            let ofSignals = ["TRACES", "METRICS", "LOGS"].map { signal in
                EnvironmentVariable(
                    name: "OTEL_EXPORTER_OTLP_\(signal)_\(row[0])",
                    meaning: "the same for \(signal.lowercased()) only",
                    standard: "`\(general)`",
                    part: .destination,
                    general: general
                )
            }
            return [.init(name: general, meaning: row[1], standard: row[2], part: .destination, general: nil)]
                + ofSignals
        }
    }

    private static func rows(_ text: String) -> [[String]] {
        text.split(separator: "\n").map { line in
            line.split(separator: "|").map { String($0.trimmingWhitespace()) }
        }
    }
}
