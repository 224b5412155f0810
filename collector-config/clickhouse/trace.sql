-- What happened in one trace? Its spans in order of time. It reads the hours of the trace, not the whole table.
-- Parameter trace: the id of the trace, 32 hexadecimal digits in lower case.
-- Tested: SQLTests compares it with `spankit tree`.
WITH hours AS (
    SELECT min(Start) AS first, max(End) AS last FROM otel_traces_trace_id_ts WHERE TraceId = {trace:String}
)
SELECT SpanName AS name, ServiceName AS service, SpanId AS span_id, ParentSpanId AS parent_span_id, SpanKind AS kind,
    toUnixTimestamp64Nano(Timestamp) AS start_unix_ns, spankit_duration(Duration) AS duration_ns, StatusCode AS status,
    spankit_failed(StatusCode, Events.Name) AS is_error, StatusMessage AS status_message, SpanAttributes AS attributes
FROM otel_traces
WHERE TraceId = {trace:String} AND Timestamp >= (SELECT first FROM hours) AND Timestamp <= (SELECT last FROM hours) + INTERVAL 1 SECOND
ORDER BY start_unix_ns, duration_ns DESC, span_id
LIMIT 1 BY TraceId, SpanId, ServiceName, SpanName, start_unix_ns;
