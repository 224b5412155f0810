-- Sharding of spans by trace id over the servers of a cluster, with replicas.
-- Replace `traces` by the name of your cluster. First create the functions, schema.sql and histograms.sql on every server (CREATE … ON CLUSTER
-- traces). Their empty tables are the templates of the local tables, and distributed tables take their names. So the exporter and all queries
-- use the same names as on one server, and a query on any server reads all shards.
-- All spans of a trace are on one shard. slowest.sql, errors.sql and traces.sql join within each shard with the setting
-- distributed_product_mode = 'local'. Histograms are counted where the spans are, and added up by the query.
-- Retention (retention.sql) then belongs to the tables whose names end in _local.
-- Tested: in one process, with one shard and without replicas. A cluster of several servers was not run. Eight shards are merged in SQLTests.
CREATE TABLE otel_traces_local ON CLUSTER traces AS otel_traces
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/otel_traces', '{replica}')
PARTITION BY toDate(Timestamp)
ORDER BY (ServiceName, SpanName, toDateTime(Timestamp))
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE otel_traces_trace_id_ts_local ON CLUSTER traces AS otel_traces_trace_id_ts
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/otel_traces_trace_id_ts', '{replica}')
PARTITION BY toDate(Start)
ORDER BY (TraceId, Start)
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE spankit_histograms_local ON CLUSTER traces AS spankit_histograms
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/{shard}/spankit_histograms', '{replica}')
PARTITION BY toYYYYMM(Minute)
ORDER BY (ServiceName, SpanName, SpanKind, Minute);

CREATE TABLE spankit_histograms_hour_local ON CLUSTER traces AS spankit_histograms_hour
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/{shard}/spankit_histograms_hour', '{replica}')
PARTITION BY toYYYYMM(Minute)
ORDER BY (ServiceName, SpanName, SpanKind, Minute);

DROP VIEW otel_traces_trace_id_ts_mv ON CLUSTER traces;
DROP VIEW spankit_histograms_mv ON CLUSTER traces;
DROP VIEW spankit_histograms_hour_mv ON CLUSTER traces;
DROP TABLE otel_traces ON CLUSTER traces;
DROP TABLE otel_traces_trace_id_ts ON CLUSTER traces;
DROP TABLE spankit_histograms ON CLUSTER traces;
DROP TABLE spankit_histograms_hour ON CLUSTER traces;

-- The views of schema.sql and histograms.sql, from local tables into local tables.
CREATE MATERIALIZED VIEW otel_traces_trace_id_ts_mv ON CLUSTER traces TO otel_traces_trace_id_ts_local AS
SELECT TraceId, min(Timestamp) AS Start, max(Timestamp) AS End
FROM otel_traces_local WHERE TraceId != '' GROUP BY TraceId;

CREATE MATERIALIZED VIEW spankit_histograms_mv ON CLUSTER traces TO spankit_histograms_local AS
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

CREATE MATERIALIZED VIEW spankit_histograms_hour_mv ON CLUSTER traces TO spankit_histograms_hour_local AS
SELECT toStartOfHour(Minute) AS Minute, ServiceName, SpanName, SpanKind, sumMap(Buckets) AS Buckets, sum(Errors) AS Errors,
    sum(Nanoseconds) AS Nanoseconds, min(Shortest) AS Shortest, max(Longest) AS Longest
FROM spankit_histograms_local AS minutes
GROUP BY Minute, ServiceName, SpanName, SpanKind;

-- What the exporter writes and queries read. A hash of the trace id selects the shard of a span.
CREATE TABLE otel_traces ON CLUSTER traces AS otel_traces_local
ENGINE = Distributed(traces, currentDatabase(), otel_traces_local, sipHash64(TraceId));
CREATE TABLE otel_traces_trace_id_ts ON CLUSTER traces AS otel_traces_trace_id_ts_local
ENGINE = Distributed(traces, currentDatabase(), otel_traces_trace_id_ts_local);
CREATE TABLE spankit_histograms ON CLUSTER traces AS spankit_histograms_local
ENGINE = Distributed(traces, currentDatabase(), spankit_histograms_local);
CREATE TABLE spankit_histograms_hour ON CLUSTER traces AS spankit_histograms_hour_local
ENGINE = Distributed(traces, currentDatabase(), spankit_histograms_hour_local);
