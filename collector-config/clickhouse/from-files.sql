-- Loads spans of OTLP JSON lines into otel_traces.
-- The files may come from a collector's file exporter, from `spankit profile --otlp-file`, or from SpanKit's spool.
-- Parameter files: a path, which may contain * and other globs. Files whose names end in .gz or .zst are decompressed.
-- For an object store, write s3('https://…/*.jsonl.gz', …) in place of file(…), and s3Cluster('name', …) on a cluster.
-- A line that cannot be read is left out if it is the only one, such as a torn last line. A second one ends the query with an error.
-- If a line ends within a string, the line after it is lost as well.
-- Arrays and maps in attributes become JSON text. If a span has a key twice, the last value counts, as in SpanKit.
-- Tested: SQLTests loads generated files, files with nulls and hostile names, and the file of `spankit profile`.
INSERT INTO otel_traces (
    Timestamp, TraceId, SpanId, ParentSpanId, TraceState, SpanName, SpanKind, ServiceName, ResourceAttributes, ScopeName,
    ScopeVersion, SpanAttributes, Duration, StatusCode, StatusMessage, `Events.Timestamp`, `Events.Name`, `Events.Attributes`,
    `Links.TraceId`, `Links.SpanId`, `Links.TraceState`, `Links.Attributes`
)
WITH
    -- A value of OTLP is an object with one member, whose name is the type.
    pairs -> mapFromArrays(
        arrayReverse(pairs.key), arrayReverse(arrayMap(value -> arrayElement(mapValues(value), 1), pairs.value))) AS attributes,
    nanoseconds -> fromUnixTimestamp64Nano(toInt64(nanoseconds)) AS moment
SELECT
    moment(span.startTimeUnixNano),
    lower(span.traceId), lower(span.spanId), lower(span.parentSpanId), span.traceState,
    span.name,
    -- Numbers are the form of OTLP. Some writers use the names.
    transform(span.kind, ['1', '2', '3', '4', '5', 'SPAN_KIND_INTERNAL', 'SPAN_KIND_SERVER', 'SPAN_KIND_CLIENT', 'SPAN_KIND_PRODUCER', 'SPAN_KIND_CONSUMER'],
        ['Internal', 'Server', 'Client', 'Producer', 'Consumer', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'], 'Unspecified'),
    attributes(owner.attributes)['service.name'],
    attributes(owner.attributes),
    library.name, library.version,
    attributes(span.attributes),
    toUInt64(greatest(0, toInt64(span.endTimeUnixNano) - toInt64(span.startTimeUnixNano))),
    transform(span.status.code, ['1', '2', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'], ['Ok', 'Error', 'Ok', 'Error'], 'Unset'),
    span.status.message,
    arrayMap(at -> moment(at), span.events.timeUnixNano),
    span.events.name,
    arrayMap(pairs -> attributes(pairs), span.events.attributes),
    span.links.traceId, span.links.spanId, span.links.traceState,
    arrayMap(pairs -> attributes(pairs), span.links.attributes)
FROM (
    SELECT owner, scoped.scope AS library, arrayJoin(scoped.spans) AS span FROM (
        SELECT resourced.resource AS owner, arrayJoin(resourced.scopeSpans) AS scoped FROM (
            SELECT arrayJoin(resourceSpans) AS resourced
            FROM file({files:String}, JSONEachRow, 'resourceSpans Array(Tuple(
                resource Tuple(attributes Array(Tuple(key String, value Map(String, String)))),
                scopeSpans Array(Tuple(
                    scope Tuple(name String, version String),
                    spans Array(Tuple(
                        traceId String, spanId String, parentSpanId String, traceState String, name String, kind String,
                        startTimeUnixNano UInt64, endTimeUnixNano UInt64,
                        attributes Array(Tuple(key String, value Map(String, String))),
                        events Array(Tuple(timeUnixNano UInt64, name String, attributes Array(Tuple(key String, value Map(String, String))))),
                        links Array(Tuple(traceId String, spanId String, traceState String, attributes Array(Tuple(key String, value Map(String, String))))),
                        status Tuple(code String, message String)))))))')
        )
    )
)
SETTINGS input_format_allow_errors_num = 1, input_format_skip_unknown_fields = 1, input_format_null_as_default = 1,
    input_format_json_read_numbers_as_strings = 1, input_format_json_defaults_for_missing_elements_in_named_tuple = 1,
    input_format_json_ignore_unknown_keys_in_named_tuple = 1,
    -- Spans of a computer with a wrong clock can be on any day.
    max_partitions_per_insert_block = 0;
