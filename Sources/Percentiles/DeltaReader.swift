/// Reads an engine in steps: each reading holds what was counted since the one before (OTLP's delta temporality).
///
/// Any number of them can read the same engine; neither they nor ``PercentileEngine/reset()`` disturb each other.
public final class DeltaReader: Sendable {
    private let engine: PercentileEngine
    private let reader: HistogramReader
    private let place: Int

    /// A reader whose first reading begins with everything the engine has counted so far.
    public init(of engine: PercentileEngine) {
        self.engine = engine
        place = engine.registry.addReader()
        reader = HistogramReader(registry: engine.registry, reader: place)
    }

    deinit { engine.registry.removeReader(place) }

    /// What was counted since the last call, of the operations that ran meanwhile.
    public func collect() -> [OperationSnapshot] {
        reader.beginAnew()
    }
}
