import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import Synchronization

/// Makes instruments and collects what they measure (OpenTelemetry metrics API, "Meter").
///
/// ```swift
/// let requests = telemetry.metrics.counter("http.server.requests", unit: "{request}")
/// let duration = telemetry.metrics.histogram("http.server.request.duration", unit: "s")
/// let get = requests.with(["http.request.method": "GET"])
/// get.add(1)
/// duration.record(0.012, attributes: ["http.request.method": "GET", "http.response.status_code": 200])
/// ```
///
/// Create an instrument once and keep it. The same name, kind and unit always have the same instrument. Names are compared regardless
/// of upper and lower case; the first spelling is exported. Nothing here throws or stops the program: what cannot be recorded is
/// counted in ``refusedMeasurementCount`` and logged once for each instrument. All methods can be called from any thread.
public final class TelemetryMeter: Sendable {
    let state: MeterState

    /// Creates a meter without instruments. A program usually uses that of its telemetry.
    /// - Parameters:
    ///   - configuration: views, limits and the filter of exemplars.
    ///   - log: receives each warning once.
    public convenience init(
        _ configuration: MeterConfiguration = MeterConfiguration(),
        log: ProfilerLog = .standardError
    ) {
        self.init(configuration, log: log, recorder: nil)
    }

    /// Creates a meter whose exemplars name the innermost span of the recorder and of its neighbour.
    package init(_ configuration: MeterConfiguration, log: ProfilerLog, recorder: Recorder?) {
        state = MeterState(configuration, MeterLog(log), recorder)
    }

    deinit {
        // The instruments keep the state alive as long as the program uses them.
        state.instruments.withLock { $0 = MeterState.Instruments() }
    }

    /// A meter whose instruments record nothing.
    package static var off: TelemetryMeter {
        var configuration = MeterConfiguration()
        configuration.views = [MetricView(.init(), .init(aggregation: .drop))]
        return TelemetryMeter(configuration, log: .silent)
    }

    /// How many measurements were refused, because they were not finite, or negative for a counter.
    public var refusedMeasurementCount: UInt64 { state.refused.load(ordering: .relaxed) }

    // MARK: Instruments

    /// A counter of whole numbers.
    /// - Parameters:
    ///   - name: the name, such as `http.server.requests`. It should begin with a letter, and consist of at most 255 ASCII letters,
    ///     digits, `_`, `.`, `-` and `/`. Other names are exported with a warning.
    ///   - unit: the unit in UCUM, such as `By`, `s` or `{request}`; at most 63 ASCII characters.
    ///   - description: the description for people.
    public func counter(_ name: String, unit: String = "", description: String = "") -> CounterInstrument {
        CounterInstrument(instrument: instrument(name, unit, description, .counter))
    }

    /// A counter of floating-point numbers. The parameters are those of ``counter(_:unit:description:)``.
    public func floatingPointCounter(
        _ name: String,
        unit: String = "",
        description: String = ""
    ) -> FloatingPointCounterInstrument {
        FloatingPointCounterInstrument(
            instrument: instrument(name, unit, description, .counter, isFloatingPoint: true)
        )
    }

    /// A counter that can also decrease. The parameters are those of ``counter(_:unit:description:)``.
    public func upDownCounter(_ name: String, unit: String = "", description: String = "") -> UpDownCounterInstrument {
        UpDownCounterInstrument(instrument: instrument(name, unit, description, .upDownCounter))
    }

    /// A gauge, which keeps the last value. The parameters are those of ``counter(_:unit:description:)``.
    public func gauge(_ name: String, unit: String = "", description: String = "") -> GaugeInstrument {
        GaugeInstrument(instrument: instrument(name, unit, description, .gauge, isFloatingPoint: true))
    }

    /// A histogram. The other parameters are those of ``counter(_:unit:description:)``.
    /// - Parameter buckets: the buckets. An instrument that exists keeps its own.
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

    /// A counter whose sums since the start of the program a callback reports.
    ///
    /// The callback runs on a thread of its own, once for each collection, and several collections may run at the same time. A set of attributes that it does not report is not exported.
    /// An error that it throws is logged once, and the values of that call are left out. The other parameters are those of
    /// ``counter(_:unit:description:)``.
    /// - Parameter observe: reports the values. If the instrument exists, the callback is called in addition to the earlier ones.
    @discardableResult
    public func observableCounter(
        _ name: String,
        unit: String = "",
        description: String = "",
        observe: @escaping @Sendable (MetricObserver) throws -> Void
    ) -> ObservableInstrument {
        observable(name, unit, description, .observableCounter, observe)
    }

    /// An up-down counter whose current sums a callback reports, as for ``observableCounter(_:unit:description:observe:)``.
    @discardableResult
    public func observableUpDownCounter(
        _ name: String,
        unit: String = "",
        description: String = "",
        observe: @escaping @Sendable (MetricObserver) throws -> Void
    ) -> ObservableInstrument {
        observable(name, unit, description, .observableUpDownCounter, observe)
    }

    /// A gauge whose current values a callback reports, as for ``observableCounter(_:unit:description:observe:)``.
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

    /// What all instruments have measured, in the order in which they were created.
    ///
    /// Sums and histograms are cumulative: each point counts from the start of its series. Metrics without points are left out. This calls
    /// the callbacks of observable instruments, and waits for them at most ``MeterConfiguration/callbackTimeout`` each; it must not be
    /// called from such a callback.
    public func collect() -> [Metric] { collect(takesExemplars: true) }

    /// What all instruments have measured.
    /// - Parameter takesExemplars: whether the exemplars since the last call that has taken them are in the points.
    package func collect(takesExemplars: Bool) -> [Metric] {
        state.becomeOwn()
        let (all, observables) = state.instruments.withLock { ($0.inOrder, $0.observables) }
        let observed = observe(observables)
        return all.flatMap { instrument in
            observed[ObjectIdentifier(instrument)].map { instrument.metrics(of: $0) }
                ?? instrument.metrics(takesExemplars: takesExemplars)
        }
        .filter { !$0.points.isEmpty }
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
                (
                    $0.callback,
                    Observations(
                        limit: state.cardinalityLimit,
                        isMonotonic: $0.instrument.identity.kind.isMonotonic
                    )
                )
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
