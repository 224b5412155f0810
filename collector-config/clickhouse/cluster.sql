-- Sharding of spans by trace id over the servers of a cluster, with replicas. Replace `traces` by the name of your cluster.
-- Every server has the tables of schema.sql and histograms.sql under names that end in _local, and distributed tables over them.
-- All spans of a trace are on one shard. So slowest.sql, errors.sql and traces.sql join within each shard with
-- SETTINGS distributed_product_mode = 'local'. Histograms are counted where the spans are, and added up by the query.
-- Create the functions with CREATE FUNCTION … ON CLUSTER traces.
-- Tested: for form only, by the parser of chDB. A cluster was not run. SQLTests merges eight shards in single tables.
CREATE TABLE IF NOT EXISTS otel_traces_local ON CLUSTER traces AS otel_traces
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/otel_traces', '{replica}')
PARTITION BY toDate(Timestamp)
ORDER BY (ServiceName, SpanName, toDateTime(Timestamp))
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE IF NOT EXISTS spankit_histograms_local ON CLUSTER traces AS spankit_histograms
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/{shard}/spankit_histograms', '{replica}')
PARTITION BY toYYYYMM(Minute)
ORDER BY (ServiceName, SpanName, SpanKind, Minute);

-- The view of histograms.sql, from the local spans into the local histograms.
CREATE MATERIALIZED VIEW IF NOT EXISTS spankit_histograms_local_mv ON CLUSTER traces TO spankit_histograms_local AS
SELECT Minute, ServiceName, SpanName, SpanKind, sumMap(map(Bucket, Spans)) AS Buckets, sum(Failures) AS Errors,
    sum(Took) AS Nanoseconds, min(Least) AS Shortest, max(Most) AS Longest
FROM (
    SELECT toStartOfMinute(toDateTime(Timestamp, 'UTC')) AS Minute, ServiceName, SpanName, SpanKind,
        spankit_bucket(spankit_duration(Duration)) AS Bucket, count() AS Spans,
        countIf(spankit_failed(StatusCode, Events.Name)) AS Failures, sum(spankit_duration(Duration)) AS Took,
        min(spankit_duration(Duration)) AS Least, max(spankit_duration(Duration)) AS Most
    FROM otel_traces_local
    GROUP BY Minute, ServiceName, SpanName, SpanKind, Bucket
)
GROUP BY Minute, ServiceName, SpanName, SpanKind;

-- What queries read and the exporter writes. A hash of the trace id selects the shard.
CREATE TABLE IF NOT EXISTS otel_traces_all_shards ON CLUSTER traces AS otel_traces_local
ENGINE = Distributed(traces, currentDatabase(), otel_traces_local, sipHash64(TraceId));

CREATE TABLE IF NOT EXISTS spankit_histograms_all_shards ON CLUSTER traces AS spankit_histograms_local
ENGINE = Distributed(traces, currentDatabase(), spankit_histograms_local);
