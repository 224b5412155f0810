import SpanKitOTLP
import SpanKitPlatform

/// A checked request: the protobuf of an `ExportTraceServiceRequest`, `ExportLogsServiceRequest` or `ExportMetricsServiceRequest`.
package struct OTLPRequest: Sendable {
    /// The body is not a request of OTLP.
    package struct Damage: Error, CustomStringConvertible {
        package var description: String

        package init(description: String) { self.description = description }
    }

    package let signal: Signal
    package let body: [UInt8]
    /// The number of spans, log records or data points that a store accepts.
    package private(set) var acceptedCount = 0
    /// The number of those that it leaves out, because they have no valid ids or no data.
    package private(set) var rejectedCount = 0
    /// Why the first one is left out.
    package private(set) var rejection: String?

    /// Checks a body down to the fields of its spans, records and metrics.
    ///
    /// Complexity: O(the number of these fields). Attributes are not read.
    package init(_ signal: Signal, _ body: [UInt8]) throws(Damage) {
        self.signal = signal
        self.body = body
        var accepted = 0
        var rejected = 0
        var reason: String?
        try Self.forEachGroup(in: body[...]) { (group) throws(Damage) in
            var reader = ProtobufFieldReader(group.scope)
            while let field = reader.next() {
                guard field.number == 2, field.wire == 2 else { continue }
                let verdict = try Self.check(signal, field.content)
                accepted += verdict.accepted
                rejected += verdict.rejected
                if let refusal = verdict.reason, reason == nil { reason = refusal }
            }
        }
        acceptedCount = accepted
        rejectedCount = rejected
        rejection = reason
    }

    /// The elements of one scope.
    struct Group {
        /// The message of the resource, and of the scope, with everything in it.
        var resource: ArraySlice<UInt8>
        var scope: ArraySlice<UInt8>
    }

    /// Calls a closure for each scope. All fields of the resource and of the scope are known to be whole.
    static func forEachGroup<Failure: Error>(
        in body: ArraySlice<UInt8>,
        _ visit: (Group) throws(Failure) -> Void,
        damaged: (Damage) -> Failure
    ) throws(Failure) {
        var resources = ProtobufFieldReader(body)
        while let resource = resources.next() {
            guard resource.number == 1, resource.wire == 2 else { continue }
            if let damage = firstDamage(in: resource.content) { throw damaged(damage) }
            var scopes = ProtobufFieldReader(resource.content)
            while let scope = scopes.next() {
                guard scope.number == 2, scope.wire == 2 else { continue }
                if let damage = firstDamage(in: scope.content) { throw damaged(damage) }
                try visit(Group(resource: resource.content, scope: scope.content))
            }
        }
        if let damage = resources.damage { throw damaged(Self.damage(damage)) }
    }

    private static func forEachGroup(
        in body: ArraySlice<UInt8>,
        _ visit: (Group) throws(Damage) -> Void
    ) throws(Damage) {
        try forEachGroup(in: body, visit) { $0 }
    }

    /// The damage of a message; nil if all its fields are whole.
    private static func firstDamage(in message: ArraySlice<UInt8>) -> Damage? {
        var reader = ProtobufFieldReader(message)
        while reader.next() != nil {}
        return reader.damage.map(damage)
    }

    private static func damage(_ damage: ProtobufFieldReader.Damage) -> Damage {
        Damage(description: "byte \(damage.place): \(damage.reason)")
    }

    private static func check(
        _ signal: Signal,
        _ element: ArraySlice<UInt8>
    ) throws(Damage) -> (accepted: Int, rejected: Int, reason: String?) {
        switch signal {
        case .traces:
            if let damage = firstDamage(in: element) { throw damage }
            return SpanFields(element).hasIDs ? (1, 0, nil) : (0, 1, "a span has no valid trace id or span id")
        case .logs:
            if let damage = firstDamage(in: element) { throw damage }
            return (1, 0, nil)
        case .metrics:
            if let damage = firstDamage(in: element) { throw damage }
            let metric = MetricFields(element)
            guard let data = metric.data else { return (0, 1, "a metric has no data of a known kind") }
            var reader = ProtobufFieldReader(data.content)
            var count = 0
            while let field = reader.next() {
                guard field.number == 1, field.wire == 2 else { continue }
                if let damage = firstDamage(in: field.content) { throw damage }
                count += 1
            }
            if let damage = reader.damage { throw Self.damage(damage) }
            return (count, 0, nil)
        }
    }
}
