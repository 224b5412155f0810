-- Percentiles of all spans, while otel_traces contains only the traces that tail sampling kept.
-- Without this, the histograms count only the spans that were kept.
-- A second exporter, before tail sampling, writes all spans into the table otel_traces_all (traces_table_name). The table stores nothing.
-- The view counts.
-- Needs functions.sql, schema.sql and histograms.sql. Drops the view of histograms.sql, which would count the kept spans again.
-- Tested: SQLTests inserts into both tables and compares the histograms with all spans.
DROP VIEW IF EXISTS spankit_histograms_mv;

CREATE TABLE IF NOT EXISTS otel_traces_all AS otel_traces ENGINE = Null;

CREATE MATERIALIZED VIEW IF NOT EXISTS spankit_histograms_all_mv TO spankit_histograms AS
SELECT Minute, ServiceName, SpanName, SpanKind, sumMap(map(Bucket, Spans)) AS Buckets, sum(Failures) AS Errors,
    sum(Took) AS Nanoseconds, min(Least) AS Shortest, max(Most) AS Longest
FROM (
    SELECT toStartOfMinute(toDateTime(Timestamp, 'UTC')) AS Minute, ServiceName, SpanName, SpanKind,
        spankit_bucket(spankit_duration(Duration)) AS Bucket, count() AS Spans,
        countIf(spankit_failed(StatusCode, Events.Name)) AS Failures, sum(spankit_duration(Duration)) AS Took,
        min(spankit_duration(Duration)) AS Least, max(spankit_duration(Duration)) AS Most
    FROM otel_traces_all
    GROUP BY Minute, ServiceName, SpanName, SpanKind, Bucket
)
GROUP BY Minute, ServiceName, SpanName, SpanKind;
