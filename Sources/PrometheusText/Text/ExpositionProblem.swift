/// Something in a `.prom` file that should not be there, and what it costs.
public struct ExpositionProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// From 1.
    public let line: Int
    /// From 1, in Unicode scalars, as editors count.
    public let column: Int
    /// What is wrong, and where it is not obvious, what to write instead.
    public let reason: String
    /// What node_exporter does with it.
    public let outcome: NodeExporterOutcome

    /// `line 3, column 7: …; node_exporter loses the whole file`.
    public var description: String {
        "line \(line), column \(column): \(reason); node_exporter \(outcome)"
    }
}
