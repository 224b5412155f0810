-- What does each operation cost? Counts, errors and percentiles of a time, from the histograms of the view: the numbers of `spankit top`.
-- It reads rows of the view, not spans: one for each operation and minute.
-- Parameter since (default 1970-01-01 00:00:00): the start of the time in UTC, a whole minute.
-- Parameter until (default 2106-01-01 00:00:00): the end, which is not included.
-- Parameter service (default empty): the service; empty selects all.
-- Parameter histograms (default spankit_histograms): the table; spankit_histograms_hour is faster if the time begins and ends with an hour.
-- Tested: SQLTests compares every column with `spankit top`.
WITH operations AS (
    SELECT SpanName AS name, ServiceName AS service, sum(Errors) AS error_count, sum(toUInt128(Nanoseconds)) AS total_ns,
        min(Shortest) AS min_ns, max(Longest) AS max_ns,
        sumMap(Buckets) AS buckets, arraySort(arrayZip(mapKeys(buckets), mapValues(buckets))) AS sorted,
        sorted.1 AS i, sorted.2 AS c, arrayCumSum(c) AS total
    FROM {histograms:Identifier}
    WHERE Minute >= {since:DateTime('UTC')} AND Minute < {until:DateTime('UTC')}
        AND ({service:String} = '' OR ServiceName = {service:String})
    GROUP BY ServiceName, SpanName
), estimates AS (
    SELECT *, total[-1] AS count, spankit_percentiles(i, c, total, min_ns, max_ns) AS p FROM operations
)
SELECT name, service, count, error_count, p[1] AS p50_ns, p[2] AS p90_ns, p[3] AS p95_ns,
    -- One of a hundred spans is not known from fewer than a hundred.
    if(count < 100, NULL, p[4]) AS p99_ns, min_ns, max_ns, total_ns
FROM estimates ORDER BY total_ns DESC, name, service;
