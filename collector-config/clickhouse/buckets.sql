-- The merged histogram of each operation in a time, as rows of buckets and counts. `spankit top --from` and `spankit diff` read them.
-- Parameter since (default 1970-01-01 00:00:00): the start of the time in UTC, a whole minute.
-- Parameter until (default 2106-01-01 00:00:00): the end, which is not included.
-- Parameter service (default empty): the service; empty selects all.
-- Parameter histograms (default spankit_histograms): the table; spankit_histograms_hour is faster if the time begins and ends with an hour.
-- Tested: ClickHouseReadingTests reads the rows back and compares `spankit top --from` with `spankit top` of the same spans.
SELECT SpanName AS name, ServiceName AS service, sum(Errors) AS error_count, sum(toUInt128(Nanoseconds)) AS total_ns,
    min(Shortest) AS min_ns, max(Longest) AS max_ns,
    arraySort(arrayZip(mapKeys(sumMap(Buckets) AS buckets), mapValues(buckets))) AS sorted,
    sorted.1 AS bucket_indexes, sorted.2 AS bucket_counts
FROM {histograms:Identifier}
WHERE Minute >= {since:DateTime('UTC')} AND Minute < {until:DateTime('UTC')}
    AND ({service:String} = '' OR ServiceName = {service:String})
GROUP BY ServiceName, SpanName
ORDER BY total_ns DESC, name, service;
