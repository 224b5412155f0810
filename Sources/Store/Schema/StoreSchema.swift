import GRDB

/// The tables of a store.
///
/// Every message is stored as OTLP protobuf, as it was received, so that nothing is lost: ``OTLPAssembly`` joins the bodies to
/// `TracesData`, `LogsData` and `MetricsData`. The other columns are what lists, filters and counts need.
///
/// Rules for readers:
/// - Times are nanoseconds since 1970-01-01 UTC, 0 if the sender did not set them. Durations are nanoseconds.
/// - A trace id is a BLOB of 16 bytes. A span id is an INTEGER: its 8 bytes as a big-endian number, as a signed one.
/// - A message head is a `ResourceSpans`, `ResourceLogs` or `ResourceMetrics` message without its scopes (`resource.body`), or a
///   `ScopeSpans`, `ScopeLogs` or `ScopeMetrics` message without its elements (`scope.body`). The three signals have the same
///   fields there, so they share the rows.
/// - `id` columns increase in the order of arrival. `changed` and `received` are the time of arrival.
/// - The text indexes contain no text. A hit is the `rowid` of a span or a log record. They support single tokens and prefixes, not
///   phrases. Of a span, at most 64 KiB of text are indexed.
package enum StoreSchema {
    /// `PRAGMA user_version`. Increase it with every change of the tables, of the meaning of a column, and of ``IndexedText``.
    static let version = 2
    /// `PRAGMA application_id`: "SpKt".
    static let applicationID = 0x5370_4B74

    /// Creates the tables and indexes.
    package static let statements = """
        -- Names of operations, services and metrics. `text` is a BLOB of UTF-8, so that a NUL does not end it.
        CREATE TABLE name(id INTEGER PRIMARY KEY, text BLOB NOT NULL UNIQUE);

        -- service: name.id of service.name, of an empty name without one. instance: service.instance.id.
        CREATE TABLE resource(id INTEGER PRIMARY KEY, service INTEGER NOT NULL, instance TEXT, body BLOB NOT NULL UNIQUE);
        CREATE TABLE scope(id INTEGER PRIMARY KEY, name TEXT NOT NULL, body BLOB NOT NULL UNIQUE);

        -- A row of the list of traces. start, finish: of all spans with times. root: span.id of the earliest span without a parent, NULL
        -- while the trace has no root. name, service: of the root, or of the first span that arrived. spans, errors: counts.
        -- conversation, tokens: of its model calls, as `spankit report` counts them; tokens is NULL without any.
        CREATE TABLE trace(id INTEGER PRIMARY KEY, trace BLOB NOT NULL UNIQUE, start INTEGER NOT NULL, finish INTEGER NOT NULL,
          duration INTEGER NOT NULL AS (finish - start), spans INTEGER NOT NULL, errors INTEGER NOT NULL, root INTEGER,
          name INTEGER NOT NULL, service INTEGER NOT NULL, conversation TEXT, tokens INTEGER, changed INTEGER NOT NULL);
        -- With finish and errors, so that a chart and a bound of the duration need no look at the rows. A page of the list is read in the
        -- order of one of these indexes.
        CREATE INDEX trace_start ON trace(start, id, finish, errors);
        CREATE INDEX trace_duration ON trace(duration, id, start);
        CREATE INDEX trace_errors ON trace(errors) WHERE errors > 0;
        CREATE INDEX trace_error_start ON trace(start, id, finish) WHERE errors > 0;
        CREATE INDEX trace_changed ON trace(changed);

        -- The services of a trace.
        CREATE TABLE trace_service(service INTEGER NOT NULL, trace INTEGER NOT NULL, PRIMARY KEY(service, trace)) WITHOUT ROWID;
        CREATE INDEX trace_service_trace ON trace_service(trace);

        -- trace: trace.id. parent: NULL for a root. duration: 0 without both times. kind, status: OTLP's numbers. status is 2 (error)
        -- for an exception without a status, too, as RecordedSpan.isError says. checksum: CRC-32 of name, kind, parent, times and status, so that a span that is sent twice, even in another
        -- encoding, is one row. body: a Span message.
        CREATE TABLE span(id INTEGER PRIMARY KEY, trace INTEGER NOT NULL, span INTEGER NOT NULL, parent INTEGER,
          resource INTEGER NOT NULL, scope INTEGER NOT NULL, name INTEGER NOT NULL, kind INTEGER NOT NULL, start INTEGER NOT NULL,
          duration INTEGER NOT NULL, status INTEGER NOT NULL, checksum INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE UNIQUE INDEX span_trace ON span(trace, span, checksum);
        CREATE INDEX span_start ON span(start);
        CREATE INDEX span_name ON span(name, start, duration);
        CREATE INDEX span_error ON span(start) WHERE status = 2;

        -- trace: the 16 bytes, also of traces that are not stored; NULL without. time: timeUnixNano, or observedTimeUnixNano if that is
        -- 0. body: a LogRecord message.
        CREATE TABLE record(id INTEGER PRIMARY KEY, trace BLOB, span INTEGER, resource INTEGER NOT NULL, scope INTEGER NOT NULL,
          time INTEGER NOT NULL, severity INTEGER NOT NULL, received INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE INDEX record_trace ON record(trace) WHERE trace IS NOT NULL;
        CREATE INDEX record_time ON record(time);

        -- A series of a metric. name: name.id. kind: the number of the field in Metric: 5 gauge, 7 sum, 9 histogram, 10 exponential
        -- histogram, 11 summary. attributes: those of its points, as field 1 of a message, as in Resource. head: a Metric message
        -- without its data. data: the Gauge, Sum, … message without its points. hash identifies all of these.
        CREATE TABLE stream(id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, name INTEGER NOT NULL, unit TEXT NOT NULL,
          description TEXT NOT NULL, kind INTEGER NOT NULL, temporality INTEGER NOT NULL, monotonic INTEGER NOT NULL,
          resource INTEGER NOT NULL, scope INTEGER NOT NULL, attributes BLOB NOT NULL, head BLOB NOT NULL, data BLOB NOT NULL);
        CREATE INDEX stream_name ON stream(name);
        -- body: a NumberDataPoint, HistogramDataPoint, … message.
        CREATE TABLE point(id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, time INTEGER NOT NULL, received INTEGER NOT NULL,
          body BLOB NOT NULL);
        CREATE INDEX point_stream ON point(stream, time);

        -- Words of names, attribute values, events and messages (IndexedText). rowid: span.id, record.id.
        CREATE VIRTUAL TABLE span_words USING fts5(text, content='', detail=none, tokenize="unicode61");
        CREATE VIRTUAL TABLE record_words USING fts5(text, content='', detail=none, tokenize="unicode61");

        -- Durations of the spans of an operation that started in a minute (start / 60e9), also of spans that were evicted:
        -- ExponentialHistogram.serialized() at scale 8. errors: how many of the spans failed.
        CREATE TABLE histogram(service INTEGER NOT NULL, name INTEGER NOT NULL, minute INTEGER NOT NULL, errors INTEGER NOT NULL,
          body BLOB NOT NULL, PRIMARY KEY(minute, service, name)) WITHOUT ROWID;

        -- StoreCounts, by name.
        CREATE TABLE count(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        """

    /// Creates the tables in an empty file, or checks that they are those of this version.
    static func prepare(_ db: Database, path: String) throws {
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0
        if isEmpty {
            try db.execute(sql: statements)
            try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(self.version)")
            return
        }
        guard application == applicationID else {
            throw StoreError.refused("\(path): is a database of another program; give --store another file")
        }
        guard version == self.version else {
            throw StoreError.refused(
                "\(path): has the store format \(version), and this version of SpanKit reads \(self.version); "
                    + "give --store another file, or remove this one"
            )
        }
    }
}
