-- Which spans were stored more than once, because a batch was sent again? So many spans do percentiles.sql and percentiles-raw.sql count
-- too often. The other queries count them once.
-- Parameter since (default 1970-01-01 00:00:00): the earliest start of a span in UTC.
-- Parameter until (default 2106-01-01 00:00:00): the end, which is not included.
-- Tested: SQLTests stores a batch twice, cut in different places.
SELECT service, sum(copies) AS span_count, sum(copies - 1) AS repeated_count, repeated_count / span_count AS repeated_fraction
FROM (
    SELECT ServiceName AS service, count() AS copies FROM otel_traces
    WHERE Timestamp >= {since:DateTime('UTC')} AND Timestamp < {until:DateTime('UTC')}
    GROUP BY ServiceName, TraceId, SpanId, SpanName, SpanKind, Timestamp, Duration
)
GROUP BY service HAVING repeated_count > 0 ORDER BY repeated_count DESC, service;
