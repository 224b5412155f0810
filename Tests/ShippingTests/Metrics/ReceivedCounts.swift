import Foundation
import SpanKitTestSupport
import Testing

/// What a receiver has added up.
struct ReceivedCounts {
    /// By metric and place. The sum of all deltas, or of the last cumulative value of each start.
    var totals: [String: Double] = [:]
    var starts: [String: Set<String>] = [:]
    var services: Set<String> = []
    /// The last cumulative values by metric, place and start.
    private var last: [String: (time: UInt64, value: Double)] = [:]

    /// - Parameter names: the metrics of instruments.
    init(_ requests: [ReceivedRequest], _ names: Set<String>) throws {
        // A request under way when the process was killed may arrive again, with the same bytes.
        var bodies: Set<[UInt8]> = []
        for request in requests
        where request.path == "/v1/metrics" && request.isComplete && bodies.insert(request.body).inserted {
            let json = try JSONSerialization.jsonObject(with: Data(request.decodedBody ?? []))
            let root = try #require(json as? [String: Any])
            for resource in root["resourceMetrics"] as? [[String: Any]] ?? [] {
                let attributes = (resource["resource"] as? [String: Any])?["attributes"] as? [[String: Any]] ?? []
                let service = attributes.first { $0["key"] as? String == "service.name" }?["value"] as? [String: Any]
                services.insert(service?["stringValue"] as? String ?? "")
                for scope in resource["scopeMetrics"] as? [[String: Any]] ?? [] {
                    for metric in scope["metrics"] as? [[String: Any]] ?? [] { try add(metric, names) }
                }
            }
        }
    }

    private mutating func add(_ metric: [String: Any], _ names: Set<String>) throws {
        let name = try #require(metric["name"] as? String)
        guard names.contains(name) else { return }
        let kinds = ["sum", "histogram", "exponentialHistogram"]
        let data = try #require(kinds.compactMap { metric[$0] as? [String: Any] }.first)
        let isDelta = data["aggregationTemporality"] as? Int == 1
        for point in data["dataPoints"] as? [[String: Any]] ?? [] {
            let attributes = try #require(point["attributes"] as? [[String: Any]])
            let place = try #require((attributes.first?["value"] as? [String: Any])?["intValue"] as? String)
            let key = "\(name) \(place)"
            let count = point["asInt"] ?? point["count"] ?? "\(point["asDouble"] ?? "")"
            let value = try #require((count as? String).flatMap { Double($0) })
            let time = try #require((point["timeUnixNano"] as? String).flatMap { UInt64($0) })
            let start = point["startTimeUnixNano"] as? String ?? ""
            starts[key, default: []].insert(start)
            let earlier = last["\(key) \(start)"]
            if isDelta {
                totals[key, default: 0] += value
            } else if time >= earlier?.time ?? 0 {
                #expect(value >= earlier?.value ?? 0, "\(key) never falls")
                totals[key, default: 0] += value - (earlier?.value ?? 0)
                last["\(key) \(start)"] = (time, value)
            }
        }
    }
}
