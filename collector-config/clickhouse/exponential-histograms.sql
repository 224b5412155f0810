-- What are the percentiles of a histogram that many processes export by OTLP, such as SpanKit's own metrics?
-- The points have to be deltas. Of cumulative ones, select the last point of each process and start first.
-- Histograms of different scales merge at the coarsest: bucket i of scale s is in bucket i >> (s − t) of scale t. The true value is in the
-- same bucket as the estimate, so the factor between them is at most 2^(2^−scale): 0.27 % at scale 8, 1.1 % at scale 6.
-- Parameter metric (default spankit.span.duration): the name of the metric, whose unit has to be s.
-- Parameter attribute (default operation): the attribute by whose value points are grouped; empty groups all.
-- Parameter since (default 1970-01-01 00:00:00): the earliest time of a point in UTC.
-- Parameter until (default 2106-01-01 00:00:00): the end, which is not included.
-- Tested: SQLTests merges histograms of two scales and compares them with the exact values.
WITH points AS (
    SELECT if({attribute:String} = '', '', Attributes[{attribute:String}]) AS name, Scale, Count, ZeroCount, Min, Max, PositiveOffset,
        PositiveBucketCounts, min(Scale) OVER (PARTITION BY name) AS coarsest
    FROM otel_metrics_exp_histogram
    WHERE MetricName = {metric:String} AND MetricUnit = 's' AND Count > 0
        AND TimeUnix >= {since:DateTime('UTC')} AND TimeUnix < {until:DateTime('UTC')}
), buckets AS (
    SELECT name, coarsest, bitShiftRight(toInt64(PositiveOffset) + place - 1, Scale - coarsest) AS i, sum(counts) AS c
    FROM points ARRAY JOIN PositiveBucketCounts AS counts, arrayEnumerate(PositiveBucketCounts) AS place
    WHERE counts > 0 GROUP BY name, coarsest, i
), sums AS (
    SELECT name, arraySort(groupArray((i, c))) AS sorted, sorted.1 AS places, sorted.2 AS counts, arrayCumSum(counts) AS running
    FROM buckets GROUP BY name
), totals AS (
    SELECT name, any(coarsest) AS scale, sum(Count) AS count, sum(ZeroCount) AS zero, min(Min) AS least, max(Max) AS most
    FROM points GROUP BY name
), estimates AS (
    SELECT name, count, scale, least, most, arrayMap(q -> if(spankit_rank(q, count) <= zero, 0., least(most, greatest(least,
        exp2((places[arrayFirstIndex(t -> t + zero >= spankit_rank(q, count), running) AS k]
            + (spankit_rank(q, count) - zero - running[k] + counts[k]) / (counts[k] + 1)) / exp2(scale))))),
        [0.5, 0.9, 0.95, 0.99]) AS seconds
    FROM totals LEFT JOIN sums ON sums.name = totals.name
)
SELECT name, count, scale, toUInt64(round(seconds[1] * 1e9)) AS p50_ns, toUInt64(round(seconds[2] * 1e9)) AS p90_ns,
    toUInt64(round(seconds[3] * 1e9)) AS p95_ns, toUInt64(round(seconds[4] * 1e9)) AS p99_ns,
    toUInt64(round(least * 1e9)) AS min_ns, toUInt64(round(most * 1e9)) AS max_ns
FROM estimates ORDER BY count DESC, name;
