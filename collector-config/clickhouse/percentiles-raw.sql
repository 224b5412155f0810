-- What does each operation cost, from the spans themselves? For conditions that the view does not know, such as attributes.
-- Add a condition such as SpanAttributes['http.route'] = '/orders', or group by an attribute in place of SpanName.
-- Parameter since (default 1970-01-01 00:00:00): the earliest start of a span in UTC.
-- Parameter until (default 2106-01-01 00:00:00): the end, which is not included.
-- Parameter service (default empty): the service; empty selects all.
-- Tested: SQLTests compares every column with `spankit top`.
WITH buckets AS (
    SELECT ServiceName, SpanName, spankit_bucket(spankit_duration(Duration)) AS bucket, count() AS spans,
        countIf(spankit_failed(StatusCode, Events.Name)) AS failures, sum(toUInt128(spankit_duration(Duration))) AS took,
        min(spankit_duration(Duration)) AS shortest, max(spankit_duration(Duration)) AS longest
    FROM otel_traces
    WHERE Timestamp >= {since:DateTime('UTC')} AND Timestamp < {until:DateTime('UTC')}
        AND ({service:String} = '' OR ServiceName = {service:String})
    GROUP BY ServiceName, SpanName, bucket
), operations AS (
    SELECT SpanName AS name, ServiceName AS service, sum(spans) AS count, sum(failures) AS error_count, sum(took) AS total_ns,
        min(shortest) AS min_ns, max(longest) AS max_ns,
        arraySort(groupArray((bucket, spans))) AS sorted, sorted.1 AS i, sorted.2 AS c, arrayCumSum(c) AS total
    FROM buckets GROUP BY ServiceName, SpanName
), estimates AS (
    SELECT *, spankit_percentiles(i, c, total, min_ns, max_ns) AS p FROM operations
)
SELECT name, service, count, error_count, p[1] AS p50_ns, p[2] AS p90_ns, p[3] AS p95_ns,
    if(count < 100, NULL, p[4]) AS p99_ns, min_ns, max_ns, total_ns
FROM estimates ORDER BY total_ns DESC, name, service;
