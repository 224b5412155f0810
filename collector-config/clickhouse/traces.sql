-- Which traces contain a span with an attribute, such as an order or a user? The latest first.
-- The attribute may be one of spans or of resources. trace.sql shows the spans of one trace.
-- Parameter key (default service.name): the key of the attribute.
-- Parameter value (default empty): its value as text; empty selects all values.
-- Parameter since (default 1970-01-01 00:00:00): the earliest start of a span in UTC.
-- Parameter until (default 2106-01-01 00:00:00): the end, which is not included.
-- Parameter limit (default 20): the number of traces.
-- Tested: SQLTests compares it with `spankit slow --where`.
WITH found AS (
    SELECT TraceId, max(Timestamp) AS latest, count() AS matches FROM (
        SELECT TraceId, SpanId, Timestamp,
            if(mapContains(SpanAttributes, {key:String}), SpanAttributes[{key:String}], ResourceAttributes[{key:String}]) AS found
        FROM otel_traces
        WHERE Timestamp >= {since:DateTime('UTC')} AND Timestamp < {until:DateTime('UTC')}
            AND (mapContains(SpanAttributes, {key:String}) OR mapContains(ResourceAttributes, {key:String}))
            AND ({value:String} = '' OR found = {value:String})
        LIMIT 1 BY TraceId, SpanId
    ) GROUP BY TraceId ORDER BY latest DESC, TraceId LIMIT {limit:UInt32}
), spans AS (
    SELECT TraceId, SpanId, ParentSpanId, ServiceName, SpanName, spankit_failed(StatusCode, Events.Name) AS failed,
        spankit_duration(Duration) AS took, toUnixTimestamp64Nano(Timestamp) AS begins
    FROM otel_traces
    -- The other spans of a trace start within an hour.
    WHERE Timestamp >= toDateTime64({since:DateTime('UTC')}, 9) - INTERVAL 1 HOUR AND Timestamp < {until:DateTime('UTC')} + INTERVAL 1 HOUR
        AND TraceId IN (SELECT TraceId FROM found)
    LIMIT 1 BY TraceId, SpanId
)
SELECT spans.TraceId AS trace_id, min(begins) AS start_unix_ns, argMaxIf(SpanName, took, ParentSpanId = '') AS name,
    argMaxIf(ServiceName, took, ParentSpanId = '') AS service, max(begins + toInt64(took)) - min(begins) AS duration_ns,
    count() AS span_count, countIf(failed) AS error_count, any(matches) AS match_count
FROM spans INNER JOIN found ON found.TraceId = spans.TraceId
GROUP BY trace_id ORDER BY start_unix_ns DESC, trace_id;
