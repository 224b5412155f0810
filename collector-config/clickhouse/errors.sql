-- Why do operations fail? Failures by service, operation, type of error and message, the most frequent cause first: `spankit errors`.
-- A failure that is passed on to parent spans counts once, at the innermost span that failed.
-- Parameter since (default 1970-01-01 00:00:00): the earliest start of a span in UTC.
-- Parameter until (default 2106-01-01 00:00:00): the end, which is not included.
-- Parameter limit (default 1000): the number of causes.
-- Tested: SQLTests compares it with `spankit errors`. Messages are grouped by a simpler rule, and log records are not read.
WITH failed AS (
    SELECT TraceId, SpanId, ParentSpanId, ServiceName, SpanName, toUnixTimestamp64Nano(Timestamp) AS start,
        arrayLast((attributes, event) -> event = 'exception' OR (startsWith(event, 'gen_ai.') AND endsWith(event, '.exception')),
            Events.Attributes, Events.Name) AS exception,
        SpanAttributes['http.response.status_code'] AS http, SpanAttributes['http.status_code'] AS old_http,
        multiIf(
            trimBoth(SpanAttributes['error.type']) != '', SpanAttributes['error.type'],
            trimBoth(exception['exception.type']) != '', exception['exception.type'],
            toInt32OrZero(if(http != '', http, old_http)) >= 400, if(http != '', http, old_http),
            '') AS error_type,
        spankit_pattern(if(trimBoth(exception['exception.message']) != '', exception['exception.message'], StatusMessage)) AS message
    FROM otel_traces
    -- Spans below a span of this time start somewhat later.
    WHERE Timestamp >= {since:DateTime('UTC')} AND Timestamp < {until:DateTime('UTC')} + INTERVAL 1 HOUR
        AND spankit_failed(StatusCode, Events.Name)
    -- A span that arrived twice counts once.
    LIMIT 1 BY TraceId, SpanId, ServiceName, SpanName, start
), runs AS (
    SELECT ServiceName, SpanName, count() AS run_count FROM otel_traces
    WHERE Timestamp >= {since:DateTime('UTC')} AND Timestamp < {until:DateTime('UTC')}
    GROUP BY ServiceName, SpanName
)
SELECT failed.SpanName AS name, failed.ServiceName AS service, error_type, message, count() AS count, any(run_count) AS run_count,
    count / run_count AS run_fraction, uniqExact(TraceId) AS trace_count, min(start) AS first_unix_ns, max(start) AS last_unix_ns,
    argMax(TraceId, start) AS trace_id, argMax(SpanId, start) AS span_id
FROM failed INNER JOIN runs ON runs.ServiceName = failed.ServiceName AND runs.SpanName = failed.SpanName
WHERE (TraceId, SpanId) NOT IN (SELECT TraceId, ParentSpanId FROM failed WHERE ParentSpanId != '')
    AND start < toInt64(toUnixTimestamp({until:DateTime('UTC')})) * 1000000000
GROUP BY failed.ServiceName, failed.SpanName, error_type, message
ORDER BY count DESC, name, service, error_type, message LIMIT {limit:UInt32};
