import GRDB
import SpanKitOTLP
import SpanKitPlatform

extension OTLPAssembly {
    /// A data point: the row of its series, and its message.
    package struct Point {
        package var stream: Int64
        package var body: [UInt8]

        package init(stream: Int64, body: [UInt8]) {
            self.stream = stream
            self.body = body
        }
    }

    /// A `MetricsData` message. Points of the same resource, scope and metric share them, in the order of the first of each.
    package static func metrics(_ points: [Point], _ database: Database) throws -> [UInt8] {
        struct Metric: Hashable {
            var resource: Int64
            var scope: Int64
            var kind: Int
            var head: [UInt8]
            var data: [UInt8]
        }
        var places: [Metric: Int] = [:]
        var streams: [Int64: Int] = [:]
        var metrics: [Metric] = []
        for point in points {
            let place: Int
            if let known = streams[point.stream] {
                place = known
            } else {
                let sql = "SELECT resource, scope, kind, head, data FROM stream WHERE id = ?"
                guard let row = try Row.fetchOne(database, sql: sql, arguments: [point.stream]) else { continue }
                let metric = Metric(
                    resource: row[0],
                    scope: row[1],
                    kind: row[2],
                    head: row.bytes(3),
                    data: row.bytes(4)
                )
                place = places[metric] ?? metrics.count
                if place == metrics.count {
                    places[metric] = place
                    metrics.append(metric)
                }
                streams[point.stream] = place
            }
            append(1, point.body, to: &metrics[place].data)
        }
        let parts = metrics.map { metric in
            var body = metric.head
            append(metric.kind, metric.data, to: &body)
            return Part(resource: metric.resource, scope: metric.scope, body: body)
        }
        return try message(parts, database)
    }
}
