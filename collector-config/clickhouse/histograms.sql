-- Histograms of each service and operation by minute and by hour, which every insert into otel_traces keeps up to date.
-- Needs functions.sql and schema.sql. percentiles.sql, compare.sql and `spankit top --from` read them.
-- Rows with the same key are added up, in background merges and in every query. So inserts, replicas, shards and processes merge without
-- loss. Keep spans for days, minutes for weeks and hours for years (retention.sql).
-- A span that is inserted twice counts twice; see "Spans that arrive twice" in README.md.
-- Tested: SQLTests compares counts, sums, extremes and quantiles with `spankit top`, also for eight shards in any order.
CREATE TABLE IF NOT EXISTS spankit_histograms (
    -- The minute in which the span started, as in --since and --until.
    Minute DateTime('UTC') CODEC(Delta, ZSTD(1)),
    ServiceName LowCardinality(String),
    SpanName LowCardinality(String),
    SpanKind LowCardinality(String),
    -- The number of spans by spankit_bucket(Duration).
    Buckets SimpleAggregateFunction(sumMap, Map(Int16, UInt64)) CODEC(ZSTD(1)),
    Errors SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
    Nanoseconds SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
    Shortest SimpleAggregateFunction(min, UInt64) CODEC(ZSTD(1)),
    Longest SimpleAggregateFunction(max, UInt64) CODEC(ZSTD(1))
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(Minute)
ORDER BY (ServiceName, SpanName, SpanKind, Minute);

CREATE MATERIALIZED VIEW IF NOT EXISTS spankit_histograms_mv TO spankit_histograms AS
SELECT Minute, ServiceName, SpanName, SpanKind, sumMap(map(Bucket, Spans)) AS Buckets, sum(Failures) AS Errors,
    sum(Took) AS Nanoseconds, min(Least) AS Shortest, max(Most) AS Longest
FROM (
    SELECT toStartOfMinute(toDateTime(Timestamp, 'UTC')) AS Minute, ServiceName, SpanName, SpanKind,
        spankit_bucket(spankit_duration(Duration)) AS Bucket, count() AS Spans,
        countIf(spankit_failed(StatusCode, Events.Name)) AS Failures, sum(spankit_duration(Duration)) AS Took,
        min(spankit_duration(Duration)) AS Least, max(spankit_duration(Duration)) AS Most
    FROM otel_traces
    GROUP BY Minute, ServiceName, SpanName, SpanKind, Bucket
)
GROUP BY Minute, ServiceName, SpanName, SpanKind;

CREATE TABLE IF NOT EXISTS spankit_histograms_hour AS spankit_histograms;

CREATE MATERIALIZED VIEW IF NOT EXISTS spankit_histograms_hour_mv TO spankit_histograms_hour AS
SELECT toStartOfHour(Minute) AS Minute, ServiceName, SpanName, SpanKind, sumMap(Buckets) AS Buckets, sum(Errors) AS Errors,
    sum(Nanoseconds) AS Nanoseconds, min(Shortest) AS Shortest, max(Longest) AS Longest
FROM spankit_histograms AS minutes
GROUP BY Minute, ServiceName, SpanName, SpanKind;
