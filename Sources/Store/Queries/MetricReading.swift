import GRDB
import SpanKitInputs
import SpanKitOTLP
import SpanKitReports

/// Reads stored metrics.
package enum MetricReading {
    /// The metrics with their services and numbers of series, by name.
    package static func list(in db: Database) throws -> JSONText {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT (SELECT text FROM name WHERE id = stream.name), unit, kind, monotonic, description, \
                    (SELECT text FROM name WHERE id = resource.service), count(*) \
                    FROM stream JOIN resource ON resource.id = stream.resource \
                    GROUP BY stream.name, unit, kind, monotonic, resource.service ORDER BY 1, 6
                    """
            )
        )
        return .list(
            rows.map { row in
                .object([
                    ("name", .string(row.text(0))), ("unit", .text(text(row[1]))),
                    ("kind", .string(kind(row[2], isMonotonic: (row[3] as Int) != 0).name)),
                    ("description", .text(text(row[4]))), ("service", .text(text(row.text(5)))),
                    ("series", .count(row[6] as Int)),
                ])
            }
        )
    }

    private static func text(_ text: String) -> String? { text.isEmpty ? nil : text }

    /// - Parameter field: The number of the field with the data in `Metric`.
    private static func kind(_ field: Int, isMonotonic: Bool) -> Metric.Kind {
        switch field {
        case 5: .gauge
        case 7: .sum(isMonotonic: isMonotonic)
        case 9: .histogram
        case 10: .exponentialHistogram
        case 11: .summary
        default: .unknown
        }
    }

    /// Passes the points of metrics to a closure, those of each series together.
    /// - Parameters:
    ///   - name: The name of the metric; `nil` for all.
    ///   - from: The first time, in nanoseconds since 1970-01-01 UTC.
    ///   - to: The end of the time.
    ///   - pointLimit: The maximum number of points of a series, the newest.
    package static func forEach(
        name: String?,
        from: Int64?,
        to: Int64?,
        pointLimit: Int,
        in db: Database,
        _ body: (DecodedMetric) throws -> Void
    ) throws {
        var condition = ""
        var arguments = StatementArguments()
        if let name {
            guard let number = try db.number(ofName: name) else { return }
            condition = " WHERE name = ?"
            arguments += [number]
        }
        let streams = try Row.fetchCursor(
            db.cachedStatement(sql: "SELECT id, kind, resource, scope, head, data FROM stream\(condition) ORDER BY id"),
            arguments: arguments
        )
        let points = try db.cachedStatement(
            sql: "SELECT body FROM point WHERE stream = ? AND time >= ? AND time < ? ORDER BY time DESC LIMIT ?"
        )
        let spans = StoredSpans(db)
        while let stream = try streams.next() {
            let bodies = try Row.fetchAll(points, arguments: [stream[0] as Int64, from ?? 0, to ?? .max, pointLimit])
            guard !bodies.isEmpty else { continue }
            var data = stream.bytes(5)
            for body in bodies.reversed() { OTLPAssembly.append(1, body.bytes(0), to: &data) }
            var message = stream.bytes(4)
            OTLPAssembly.append(stream[1], data, to: &message)
            if let metric = try spans.metric(message, resource: stream[2], scope: stream[3]) { try body(metric) }
        }
    }
}
