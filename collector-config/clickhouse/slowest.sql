-- Which traces took longest, and which span of each spent the most time itself? `spankit slow`.
-- A trace is found by a root span in the time. Its other spans start at most an hour after the end of the time.
-- Parameter since (default 1970-01-01 00:00:00): the earliest start of a root span in UTC.
-- Parameter until (default 2106-01-01 00:00:00): the end, which is not included.
-- Parameter limit (default 10): the number of traces.
-- Tested: SQLTests compares it with `spankit slow`. Traces without a root span are missing, and spans that share an id count once.
WITH roots AS (
    SELECT TraceId FROM otel_traces
    WHERE Timestamp >= {since:DateTime('UTC')} AND Timestamp < {until:DateTime('UTC')} AND ParentSpanId = ''
    GROUP BY TraceId ORDER BY max(spankit_duration(Duration)) DESC, TraceId LIMIT {limit:UInt32}
), spans AS (
    SELECT TraceId, SpanId, ParentSpanId, ServiceName, SpanName, spankit_failed(StatusCode, Events.Name) AS failed,
        spankit_duration(Duration) AS took, toUnixTimestamp64Nano(Timestamp) AS begins, begins + toInt64(took) AS ends
    FROM otel_traces
    WHERE Timestamp >= {since:DateTime('UTC')} AND Timestamp < {until:DateTime('UTC')} + INTERVAL 1 HOUR AND TraceId IN roots
    LIMIT 1 BY TraceId, SpanId
), covered AS (
    -- The time of each parent in which its children ran. Time in which several ran counts once.
    SELECT child.TraceId AS TraceId, child.ParentSpanId AS SpanId,
        arrayFold((sum, piece) -> (sum.1 + greatest(0, piece.2 - greatest(piece.1, sum.2)), greatest(sum.2, piece.2)),
            arraySort(groupArray((greatest(child.begins, parent.begins), least(child.ends, parent.ends)))),
            (toInt64(0), toInt64(0))).1 AS nanoseconds
    FROM spans AS child INNER JOIN spans AS parent ON parent.TraceId = child.TraceId AND parent.SpanId = child.ParentSpanId
    WHERE child.ends > parent.begins AND child.begins < parent.ends
    GROUP BY TraceId, SpanId
), own AS (
    SELECT spans.*, toInt64(took) - covered.nanoseconds AS itself
    FROM spans LEFT JOIN covered ON covered.TraceId = spans.TraceId AND covered.SpanId = spans.SpanId
)
SELECT TraceId AS trace_id, min(begins) AS start_unix_ns, argMaxIf(SpanName, took, ParentSpanId = '') AS name,
    argMaxIf(ServiceName, took, ParentSpanId = '') AS service, max(ends) - min(begins) AS duration_ns, count() AS span_count,
    countIf(failed) AS error_count, argMax(SpanName, itself) AS slowest_name, argMax(ServiceName, itself) AS slowest_service,
    max(itself) AS slowest_self_ns
FROM own GROUP BY TraceId ORDER BY duration_ns DESC, trace_id;
