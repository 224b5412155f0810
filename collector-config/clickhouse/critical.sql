-- Which operations does a trace wait for? The time of each on the critical paths, on average: `spankit critical`.
-- docs/analyzing-traces.md describes the rule. The query goes down one level of the trees in each step and reads the spans each time. So ask
-- for minutes or for one kind of root, not for days.
-- A trace is found by a root span in the time. Its other spans start at most an hour after the end of the time.
-- Parameter since (default 1970-01-01 00:00:00): the earliest start of a root span in UTC.
-- Parameter until (default 2106-01-01 00:00:00): the end, which is not included.
-- Parameter root (default empty): the name of the root spans; empty selects all.
-- Tested: SQLTests compares it with `spankit critical`. Traces without a root span are missing, and spans that share an id count once.
WITH RECURSIVE roots AS (
    SELECT TraceId, SpanId, toString(ServiceName) AS service, toString(SpanName) AS name,
        toUnixTimestamp64Nano(Timestamp) AS floor, floor + toInt64(spankit_duration(Duration)) AS until
    FROM otel_traces
    WHERE Timestamp >= {since:DateTime('UTC')} AND Timestamp < {until:DateTime('UTC')} AND ParentSpanId = ''
        AND ({root:String} = '' OR SpanName = {root:String})
    ORDER BY spankit_duration(Duration) DESC, floor LIMIT 1 BY TraceId
), families AS (
    -- The children of each span: (end, start, id, service, name).
    SELECT TraceId, ParentSpanId, groupArray((ends, begins, SpanId, service, name)) AS children
    FROM (
        SELECT TraceId, SpanId, ParentSpanId, toString(ServiceName) AS service, toString(SpanName) AS name,
            toUnixTimestamp64Nano(Timestamp) AS begins, begins + toInt64(spankit_duration(Duration)) AS ends
        FROM otel_traces
        WHERE Timestamp >= {since:DateTime('UTC')} AND Timestamp < {until:DateTime('UTC')} + INTERVAL 1 HOUR
            AND spankit_duration(Duration) > 0 AND ParentSpanId != '' AND TraceId IN (SELECT TraceId FROM roots)
        LIMIT 1 BY TraceId, SpanId
    ) GROUP BY TraceId, ParentSpanId
), path AS (
    SELECT TraceId, SpanId, service, name, '' AS parent_service, '' AS parent, floor, until FROM roots
    UNION ALL
    -- Backwards from `until`: the span waited for a child that ended by then, and before the start of this child for others.
    SELECT TraceId, entered.3, entered.4, entered.5, service, name, greatest(floor, entered.2), entered.1
    FROM (
        SELECT path.TraceId AS TraceId, path.service AS service, path.name AS name, path.floor AS floor,
            arrayJoin(arrayFold((waited, child) ->
                if(least(child.1, path.until) <= waited.1 AND least(child.1, path.until) > greatest(path.floor, child.2),
                   (greatest(path.floor, child.2), arrayPushBack(waited.2, (least(child.1, path.until), child.2, child.3, child.4, child.5))),
                   waited),
                -- The one that ended last comes first; of several, the one that started first. The end of the parent cuts them.
                arraySort(child -> (-least(child.1, path.until), child.2), children),
                (path.until, arrayResize(children, 0))).2) AS entered
        FROM path INNER JOIN families ON families.TraceId = path.TraceId AND families.ParentSpanId = path.SpanId
    )
), waits AS (
    -- The time of a span on the path, without that of the children it waited for.
    SELECT TraceId, service, name, sum(piece) AS waited FROM (
        SELECT TraceId, service, name, until - floor AS piece FROM path
        UNION ALL
        SELECT TraceId, parent_service, parent, floor - until FROM path WHERE parent != ''
    ) GROUP BY TraceId, service, name
)
SELECT name, service, sum(waited) AS critical_ns, critical_ns / (SELECT count() FROM roots) AS critical_per_trace_ns,
    critical_ns / (SELECT sum(until - floor) FROM roots) AS critical_fraction,
    countIf(waited > 0) / (SELECT count() FROM roots) AS trace_fraction
FROM waits GROUP BY name, service HAVING critical_ns > 0 ORDER BY critical_ns DESC, name, service;
