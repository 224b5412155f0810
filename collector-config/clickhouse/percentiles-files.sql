-- What does each operation cost, from files of OTLP JSON lines, without a table? One pass over files of any number and size.
-- Parameter files: a path, which may contain * and other globs. Files whose names end in .gz or .zst are decompressed.
-- For an object store, write s3('https://…/*.jsonl.gz', …) in place of file(…), and s3Cluster('name', …) on a cluster.
-- Tested: SQLTests compares every column with `spankit top`, for one file, compressed files and eight shards.
WITH spans AS (
    SELECT span.name AS SpanName,
        arrayElement(mapValues(arrayLast(pair -> pair.key = 'service.name', owner.attributes).value), 1) AS ServiceName,
        toUInt64(greatest(0, toInt64(span.endTimeUnixNano) - toInt64(span.startTimeUnixNano))) AS Duration,
        spankit_failed(transform(span.status.code, ['1', '2', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'], ['Ok', 'Error', 'Ok', 'Error'], 'Unset'),
            span.events.name) AS failed
    FROM (
        SELECT owner, arrayJoin(spans) AS span FROM (
            SELECT resourced.resource AS owner, arrayJoin(resourced.scopeSpans).spans AS spans FROM (
                SELECT arrayJoin(resourceSpans) AS resourced
                FROM file({files:String}, JSONEachRow, 'resourceSpans Array(Tuple(
                    resource Tuple(attributes Array(Tuple(key String, value Map(String, String)))),
                    scopeSpans Array(Tuple(spans Array(Tuple(
                        name String, startTimeUnixNano UInt64, endTimeUnixNano UInt64,
                        events Array(Tuple(name String)), status Tuple(code String)))))))')
            )
        )
    )
), buckets AS (
    SELECT ServiceName, SpanName, spankit_bucket(Duration) AS bucket, count() AS spans, sum(failed) AS failures,
        sum(toUInt128(Duration)) AS took, min(Duration) AS shortest, max(Duration) AS longest
    FROM spans GROUP BY ServiceName, SpanName, bucket
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
FROM estimates ORDER BY total_ns DESC, name, service
SETTINGS input_format_allow_errors_num = 1, input_format_skip_unknown_fields = 1, input_format_null_as_default = 1,
    input_format_json_read_numbers_as_strings = 1, input_format_json_defaults_for_missing_elements_in_named_tuple = 1,
    input_format_json_ignore_unknown_keys_in_named_tuple = 1;
