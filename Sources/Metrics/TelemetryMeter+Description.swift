import SpanKitPlatform
import SpanKitRecording

extension TelemetryMeter {
    /// Sets the unit and the description of metrics that are created without them, such as those of swift-metrics.
    ///
    /// ```swift
    /// telemetry.metrics.describe("http.server.requests", unit: "{request}", description: "Requests by route and status.")
    /// ```
    ///
    /// Call it before the metric is created. A later call changes nothing and logs a warning. It does not change instruments that are
    /// created with this meter's own methods. Timers of swift-metrics are always in seconds.
    /// - Parameters:
    ///   - name: the name of the metric. Case is ignored.
    ///   - unit: the unit in UCUM, such as `By`, `s` or `{request}`.
    ///   - description: a human-readable description.
    public func describe(_ name: String, unit: String = "", description: String = "") {
        let folded = ByteText(name.lowercased())
        var hasRoom = true
        let known = state.instruments.withLock { instruments -> Instrument? in
            if let first = instruments.firstByName[folded] { return instruments.byIdentity[first] }
            hasRoom = instruments.descriptions.count < state.instrumentLimit || instruments.descriptions[folded] != nil
            if hasRoom {
                instruments.descriptions[folded] = MetricDescription(unit: unit, description: description)
            }
            return nil
        }
        if !hasRoom {
            state.log(
                .warning,
                "describe('\(name.shortened)') has no effect, because \(state.instrumentLimit) other metrics were described; raise instrumentLimit"
            )
        }
        guard let known,
            !known.identity.unit.hasSameBytes(as: unit) || !known.description.hasSameBytes(as: description)
        else { return }
        state.log(
            .warning,
            "describe('\(name.shortened)') comes too late, because the metric already exists with the unit '\(known.identity.unit.shortened)' and the description '\(known.description.shortened)'; call it at the start of the program"
        )
    }

    /// Returns the series of a metric that is created without unit and description.
    ///
    /// They are those of ``describe(_:unit:description:)``, or else those of an instrument of the same name and kind that was created
    /// with this meter's own functions.
    /// - Parameter unit: the unit, if the kind of the metric implies one.
    package func series(
        _ name: String,
        _ kind: InstrumentKind,
        isFloatingPoint: Bool,
        unit: String?,
        _ attributes: [Attribute]
    ) -> MetricSeries {
        let folded = ByteText(name.lowercased())
        let (described, created) = state.instruments.withLock { ($0.descriptions[folded], $0.createdByName[folded]) }
        let known = created.flatMap { $0.kind == kind && $0.isFloatingPoint == isFloatingPoint ? $0.unit : nil }
        if let unit, let described, !described.unit.isEmpty, !described.unit.hasSameBytes(as: unit) {
            state.log(
                .warning,
                "metric '\(name.shortened)' is a timer, which is exported in seconds, and not in the unit '\(described.unit.shortened)' of describe(); name no unit there"
            )
        }
        while true {
            let instrument = state.instrument(
                name,
                unit ?? described?.unit ?? known ?? "",
                described?.description ?? "",
                kind,
                isFloatingPoint: isFloatingPoint,
                isCreatedByProgram: false
            )
            // An instrument whose last series has ended may have been removed meanwhile.
            if let series = instrument.seriesUnlessRetired(attributes) { return series }
        }
    }

    /// Returns an object that belongs to this meter, and creates it on first use.
    package func companion<Companion: MeterCompanion>(_ make: () -> Companion) -> Companion {
        state.companion.withLock { companion in
            if let known = companion as? Companion { return known }
            let made = make()
            companion = made
            return made
        }
    }

    /// Logs a line, once.
    package func note(_ line: String) { state.log(.info, line) }
}

/// An object of another module that belongs to a meter.
package protocol MeterCompanion: AnyObject, Sendable {
    /// Takes each lock of the object until the fork is over. Runs before each fork.
    func acquireForFork()
}

/// The unit and the description that ``TelemetryMeter/describe(_:unit:description:)`` gives a name.
struct MetricDescription {
    let unit: String
    let description: String
}
