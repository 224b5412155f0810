import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import Synchronization

/// Creates instruments and collects their measurements (OpenTelemetry metrics API, "Meter").
///
/// ```swift
/// let requests = telemetry.metrics.counter("http.server.requests", unit: "{request}")
/// let duration = telemetry.metrics.histogram("http.server.request.duration", unit: "s")
/// let get = requests.with(["http.request.method": "GET"])
/// get.add(1)
/// duration.record(0.012, attributes: ["http.request.method": "GET", "http.response.status_code": 200])
/// ```
///
/// Create an instrument once and keep it. Calls with the same name, kind and unit return the same instrument. Names are compared without
/// regard to case, and the first spelling is exported. No method throws or stops the program. Measurements that cannot be recorded are
/// counted in ``refusedMeasurementCount``, and the first one of each instrument is logged. All methods can be called from any thread.
public final class TelemetryMeter: Sendable {
    let state: MeterState

    /// Creates a meter without instruments. Programs usually use `Telemetry.metrics` instead.
    /// - Parameters:
    ///   - configuration: the views, the limits and the exemplar filter.
    ///   - log: receives each warning once.
    public convenience init(
        _ configuration: MeterConfiguration = MeterConfiguration(),
        log: ProfilerLog = .standardError
    ) {
        self.init(configuration, log: log, recorder: nil, file: nil)
    }

    /// Creates a meter whose exemplars name the innermost span of the recorder and of its neighbour.
    /// - Parameter file: the file of the counts; nil for counts that end with the process.
    package init(
        _ configuration: MeterConfiguration,
        log: ProfilerLog,
        recorder: Recorder?,
        file: MetricFile? = nil
    ) {
        state = MeterState(configuration, MeterLog(log), recorder, file)
    }

    deinit {
        // The instruments keep the state alive as long as the program uses them. Freed after the locks are unlocked.
        let companion = state.companion.withLock { $0.take() }
        let instruments = state.instruments.withLock { instruments in
            defer { instruments = MeterState.Instruments() }
            return instruments
        }
        withExtendedLifetime((companion, instruments)) {}
    }

    /// A meter whose instruments record nothing.
    package static var off: TelemetryMeter {
        var configuration = MeterConfiguration()
        configuration.views = [MetricView(.init(), .init(aggregation: .drop))]
        return TelemetryMeter(configuration, log: .silent)
    }

    /// The number of measurements that were refused because they were not finite, or because they were negative and the instrument
    /// is exported as a sum that never decreases.
    public var refusedMeasurementCount: UInt64 { state.refused.load(ordering: .relaxed) }

    // MARK: Instruments

    /// Creates a counter of whole numbers, or returns the existing one.
    /// - Parameters:
    ///   - name: the name, such as `http.server.requests`. It should begin with a letter, and consist of at most 255 ASCII letters,
    ///     digits, `_`, `.`, `-` and `/`. Other names are exported with a warning.
    ///   - unit: the unit in UCUM, such as `By`, `s` or `{request}`; at most 63 ASCII characters.
    ///   - description: a human-readable description.
    public func counter(_ name: String, unit: String = "", description: String = "") -> CounterInstrument {
        CounterInstrument(instrument: instrument(name, unit, description, .counter))
    }

    /// Creates a counter of floating-point numbers, or returns the existing one. The parameters are those of ``counter(_:unit:description:)``.
    public func floatingPointCounter(
        _ name: String,
        unit: String = "",
        description: String = ""
    ) -> FloatingPointCounterInstrument {
        FloatingPointCounterInstrument(
            instrument: instrument(name, unit, description, .counter, isFloatingPoint: true)
        )
    }

    /// Creates a counter that can also decrease, or returns the existing one. The parameters are those of ``counter(_:unit:description:)``.
    public func upDownCounter(_ name: String, unit: String = "", description: String = "") -> UpDownCounterInstrument {
        UpDownCounterInstrument(instrument: instrument(name, unit, description, .upDownCounter))
    }

    /// Creates a gauge, or returns the existing one. The parameters are those of ``counter(_:unit:description:)``.
    public func gauge(_ name: String, unit: String = "", description: String = "") -> GaugeInstrument {
        GaugeInstrument(instrument: instrument(name, unit, description, .gauge, isFloatingPoint: true))
    }

    /// Creates a histogram, or returns the existing one. The other parameters are those of ``counter(_:unit:description:)``.
    /// - Parameter buckets: the buckets. An existing histogram keeps its own.
    public func histogram(
        _ name: String,
        unit: String = "",
        description: String = "",
        buckets: HistogramBuckets = .exponential
    ) -> HistogramInstrument {
        HistogramInstrument(
            instrument: instrument(name, unit, description, .histogram, isFloatingPoint: true, buckets)
        )
    }

    /// Creates a counter whose totals a callback reports.
    ///
    /// The callback reports the total since the start of the process for each set of attributes. Attribute sets that it does not
    /// report are not exported. SpanKit calls it once for each collection, on a separate thread. Several collections may call it at
    /// the same time. If it throws an error, the values of that call are not exported. The first error or timeout of a callback is
    /// logged. The other parameters are those of ``counter(_:unit:description:)``.
    /// - Parameter observe: the callback. If the instrument already exists, its earlier callbacks are still called.
    @discardableResult
    public func observableCounter(
        _ name: String,
        unit: String = "",
        description: String = "",
        observe: @escaping @Sendable (MetricObserver) throws -> Void
    ) -> ObservableInstrument {
        observable(name, unit, description, .observableCounter, observe)
    }

    /// Creates an up-down counter whose current totals a callback reports, as for ``observableCounter(_:unit:description:observe:)``.
    @discardableResult
    public func observableUpDownCounter(
        _ name: String,
        unit: String = "",
        description: String = "",
        observe: @escaping @Sendable (MetricObserver) throws -> Void
    ) -> ObservableInstrument {
        observable(name, unit, description, .observableUpDownCounter, observe)
    }

    /// Creates a gauge whose current values a callback reports, as for ``observableCounter(_:unit:description:observe:)``.
    @discardableResult
    public func observableGauge(
        _ name: String,
        unit: String = "",
        description: String = "",
        observe: @escaping @Sendable (MetricObserver) throws -> Void
    ) -> ObservableInstrument {
        observable(name, unit, description, .observableGauge, observe)
    }

    private func observable(
        _ name: String,
        _ unit: String,
        _ description: String,
        _ kind: InstrumentKind,
        _ observe: @escaping @Sendable (MetricObserver) throws -> Void
    ) -> ObservableInstrument {
        let instrument = instrument(name, unit, description, kind, isFloatingPoint: true)
        let callback = ObservableCallback(instrument.identity.name, observe)
        guard !instrument.facts.isBeyondLimit else { return ObservableInstrument(callback: callback) }
        state.instruments.withLock { instruments in
            if let place = instruments.observables.firstIndex(where: { $0.instrument === instrument }) {
                instruments.observables[place].callbacks.append(callback)
            } else {
                instruments.observables.append((instrument, [callback]))
            }
        }
        return ObservableInstrument(callback: callback)
    }

    private func instrument(
        _ name: String,
        _ unit: String,
        _ description: String,
        _ kind: InstrumentKind,
        isFloatingPoint: Bool = false,
        _ buckets: HistogramBuckets = .exponential
    ) -> Instrument {
        state.instrument(name, unit, description, kind, isFloatingPoint: isFloatingPoint, buckets)
    }

    // MARK: Collecting

    /// Returns the metrics of all instruments, in the order in which the instruments were created.
    ///
    /// Sums and histograms are cumulative: each point counts from the start of its series. Metrics without points are left out. This calls
    /// the callbacks of observable instruments, and waits for each at most ``MeterConfiguration/callbackTimeout``. Do not call it from such
    /// a callback. The exemplars are those since the last call of this method. Exports contain them as well.
    public func collect() -> [Metric] { collect(takesExemplars: true) }

    /// Returns the metrics of all instruments.
    /// - Parameter takesExemplars: whether the points include the exemplars since the last such call.
    package func collect(takesExemplars: Bool) -> [Metric] {
        if takesExemplars { state.collectors.includeOwn() }
        return collect(state.collectors.pass(of: takesExemplars ? state.collectors.own : nil))
    }

    /// Creates a collector, which gets every exemplar and every end of a series once.
    /// - Parameter reader: the number of the collector's reader in the meter's file; nil without one.
    package func makeCollector(takesExemplars: Bool, reader: Int? = nil) -> MetricCollector {
        state.collectors.make(takesExemplars: takesExemplars, reader: reader)
    }

    /// What all instruments have measured, for a collector of this meter. Only one thread at a time may collect for it.
    /// - Parameter takesEnds: whether the collector takes the last values of series that have ended. If not, later collections contain them
    ///   again, instead of new series with the same attributes. If so, the meter's file no longer contains what the collector took before.
    package func collect(for collector: MetricCollector, takesEnds: Bool = true) -> [Metric] {
        collect(state.collectors.pass(of: collector, takesEnds: takesEnds))
    }

    private func collect(_ pass: CollectionPass) -> [Metric] {
        state.becomeOwn()
        let (all, observables, unkept) = state.instruments.withLock { instruments in
            for place in instruments.observables.indices {
                instruments.observables[place].callbacks.removeAll(where: \.hasEnded)
            }
            return (instruments.inOrder, instruments.observables, instruments.inOrder.filter { !$0.isKept })
        }
        let observed = observe(observables)
        let callbackCounts = Dictionary(
            observables.map { (ObjectIdentifier($0.instrument), $0.callbacks.count) },
            uniquingKeysWith: +
        )
        let metrics = all.flatMap { instrument in
            let identifier = ObjectIdentifier(instrument)
            return observed[identifier].map {
                instrument.metrics(of: $0, isComplete: $0.count == callbackCounts[identifier])
            } ?? instrument.metrics(pass)
        }
        state.removeUnused(unkept)
        return metrics.filter { !$0.points.isEmpty }
    }

    private func observe(
        _ observables: [(instrument: Instrument, callbacks: [ObservableCallback])]
    ) -> [ObjectIdentifier: [Observations]] {
        guard !observables.isEmpty else { return [:] }
        var calls: [(instrument: Instrument, callback: ObservableCallback)] = []
        for (instrument, callbacks) in observables {
            calls += callbacks.filter(\.isReady).map { (instrument, $0) }
        }
        let results = CallbackRunner.run(
            calls.map {
                ($0.callback, Observations($0.instrument.admission, $0.instrument.identity.kind))
            },
            timeout: state.configuration.callbackTimeout,
            log: state.log
        )
        var observed: [ObjectIdentifier: [Observations]] = [:]
        for (call, result) in zip(calls, results) {
            guard let result else { continue }
            if let refused = result.refused { call.instrument.facts.refuse(refused, times: result.refusedCount) }
            observed[ObjectIdentifier(call.instrument), default: []].append(result)
        }
        return observed
    }
}
