import Synchronization

/// Counts, for every operation: how often, how long, how evenly, at bounded memory.
///
/// Any thread may call anything at any time; a snapshot never stops a writer.
public final class PercentileEngine: Sendable {
    /// How an engine is set up.
    public struct Configuration: Sendable {
        /// The resolution, 7 or 8.
        public var scale = 8
        /// What the bucket boundaries are powers of.
        public var unit = BucketUnit.seconds
        /// How many distinct operations are kept; all further names share ``OperationID/overflow``.
        public var maximumOperations = 2_000

        /// The defaults.
        public init() {}
    }

    private struct State {
        var names = ["__overflow__"]
        var ids: [String: OperationID] = [:]
        var snapshots: [OperationSnapshot] = []
    }

    private let state: Mutex<State>
    private let configuration: Configuration

    /// An engine that has counted nothing.
    public init(configuration: Configuration = Configuration()) {
        self.configuration = configuration
        state = Mutex(State())
        state.withLock { $0.snapshots = [Self.empty("__overflow__", configuration)] }
    }

    private static func empty(_ name: String, _ configuration: Configuration) -> OperationSnapshot {
        OperationSnapshot(
            name: name,
            histogram: ExponentialHistogram(validScale: configuration.scale, unit: configuration.unit)
        )
    }

    /// The handle of an operation; the same name always gives the same handle.
    ///
    /// Beyond the configured limit of operations: ``OperationID/overflow``.
    public func operation(named name: String) -> OperationID {
        state.withLock { state in
            if let id = state.ids[name] { return id }
            guard state.ids.count < configuration.maximumOperations else { return .overflow }
            let id = OperationID(rawValue: UInt32(state.names.count))
            state.ids[name] = id
            state.names.append(name)
            state.snapshots.append(Self.empty(name, configuration))
            return id
        }
    }

    /// The name behind a handle; `__overflow__` for a foreign one.
    public func name(of operation: OperationID) -> String {
        state.withLock { state in
            let place = Int(operation.rawValue)
            return state.names.indices.contains(place) ? state.names[place] : state.names[0]
        }
    }

    /// Counts one run of an operation.
    public func record(_ operation: OperationID, nanoseconds: UInt64) {
        add(operation) { $0.histogram.record(nanoseconds: nanoseconds) }
    }

    /// Counts one run of an operation with the change of memory in use meanwhile, in bytes.
    public func record(_ operation: OperationID, nanoseconds: UInt64, memoryDelta: Int64) {
        add(operation) { $0.histogram.record(nanoseconds: nanoseconds, memoryDelta: memoryDelta) }
    }

    /// Counts a failed run; its duration is recorded apart.
    public func recordError(_ operation: OperationID) {
        add(operation) { $0.errorCount += 1 }
    }

    private func add(_ operation: OperationID, _ change: (inout OperationSnapshot) -> Void) {
        state.withLock { state in
            let place = Int(operation.rawValue)
            change(&state.snapshots[place < state.snapshots.count ? place : 0])
        }
    }

    /// Everything counted since the start or the last ``reset()``, of operations that have run, in order of their names' first use.
    public func snapshot() -> [OperationSnapshot] {
        state.withLock { $0.snapshots.filter { $0.histogram.count > 0 || $0.errorCount > 0 } }
    }

    /// What was counted of one operation.
    public func snapshot(of operation: OperationID) -> OperationSnapshot {
        state.withLock { state in
            let place = Int(operation.rawValue)
            return state.snapshots[place < state.snapshots.count ? place : 0]
        }
    }

    /// Starts counting from zero; handles stay valid.
    public func reset() {
        state.withLock { state in
            for place in state.snapshots.indices {
                state.snapshots[place] = Self.empty(state.names[place], configuration)
            }
        }
    }
}
