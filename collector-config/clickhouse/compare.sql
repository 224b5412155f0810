-- What became slower or fails more often between two times? Counts, errors and percentiles of both, from the histograms of the view.
-- The operation whose change costs or saves the most time comes first. `spankit diff` of two times also says how sure a change is.
-- Parameter before_since (default 1970-01-01 00:00:00): the start of the earlier time in UTC, a whole minute.
-- Parameter before_until (default 2106-01-01 00:00:00): its end, which is not included.
-- Parameter since (default 1970-01-01 00:00:00): the start of the later time.
-- Parameter until (default 2106-01-01 00:00:00): its end, which is not included.
-- Parameter service (default empty): the service; empty selects all.
-- Parameter histograms (default spankit_histograms): the table; spankit_histograms_hour is faster if the times begin and end with an hour.
-- Tested: SQLTests compares both halves with `spankit top` of the same times.
WITH halves AS (
    SELECT ServiceName, SpanName, later, sum(Errors) AS errors, sum(toUInt128(Nanoseconds)) AS took,
        sumMap(Buckets) AS buckets, arraySort(arrayZip(mapKeys(buckets), mapValues(buckets))) AS sorted,
        sorted.1 AS i, sorted.2 AS c, arrayCumSum(c) AS total, total[-1] AS spans,
        spankit_percentiles(i, c, total, min(Shortest), max(Longest)) AS p
    FROM (
        SELECT *, false AS later FROM {histograms:Identifier}
        WHERE Minute >= {before_since:DateTime('UTC')} AND Minute < {before_until:DateTime('UTC')}
        UNION ALL
        SELECT *, true AS later FROM {histograms:Identifier}
        WHERE Minute >= {since:DateTime('UTC')} AND Minute < {until:DateTime('UTC')}
    )
    WHERE {service:String} = '' OR ServiceName = {service:String}
    GROUP BY ServiceName, SpanName, later
), pairs AS (
    SELECT SpanName AS name, ServiceName AS service,
        sumIf(spans, NOT later) AS before_count, sumIf(spans, later) AS after_count,
        sumIf(errors, NOT later) AS before_error_count, sumIf(errors, later) AS after_error_count,
        anyIf(p, NOT later) AS before, anyIf(p, later) AS after,
        sumIf(took, NOT later) AS before_total_ns, sumIf(took, later) AS after_total_ns
    FROM halves GROUP BY ServiceName, SpanName
)
SELECT name, service, before_count, after_count, before_error_count, after_error_count,
    -- An operation that did not run has no percentiles.
    if(before_count = 0, NULL, before[1]) AS before_p50_ns, if(after_count = 0, NULL, after[1]) AS after_p50_ns,
    if(before_count = 0, NULL, before[3]) AS before_p95_ns, if(after_count = 0, NULL, after[3]) AS after_p95_ns,
    if(before_count < 100, NULL, before[4]) AS before_p99_ns, if(after_count < 100, NULL, after[4]) AS after_p99_ns,
    if(before_p95_ns = 0, NULL, toFloat64(after_p95_ns) / before_p95_ns - 1) AS p95_change,
    -- The change of the average, times the later number of spans.
    if(before_count = 0 OR after_count = 0, NULL,
       toInt64(round(toFloat64(after_total_ns) - toFloat64(before_total_ns) / before_count * after_count))) AS impact_ns
FROM pairs ORDER BY abs(ifNull(impact_ns, 0)) DESC, name, service;
