/// The Prometheus text format 0.0.4, as node_exporter's textfile collector reads it.
///
/// Writing and reading are strict: what passes here is served by node_exporter completely and unchanged. The format is
/// <https://github.com/prometheus/docs/blob/main/docs/instrumenting/exposition_formats.md>; what node_exporter makes of
/// it was read from its source and tried with the program, case by case (`Tests/PrometheusTextTests`).
public enum ExpositionText {
    /// Families as text: sorted by name, each family's metrics by their labels, ending with a line feed.
    ///
    /// The same families give the same bytes, in whatever order they come.
    /// - Throws: ``MetricFamilyError`` when node_exporter would lose, drop or misread something.
    public static func encode(_ families: [MetricFamily]) throws(MetricFamilyError) -> [UInt8] {
        var encoder = ExpositionEncoder()
        for family in try checked(families) { encoder.append(family) }
        return encoder.bytes
    }

    /// The families in a text.
    ///
    /// - Throws: the first ``ExpositionProblem``, also one that node_exporter would serve.
    public static func parse(_ text: [UInt8]) throws(ExpositionProblem) -> [MetricFamily] {
        var reader = ExpositionReader(text, maximumProblems: 1)
        reader.read()
        if let problem = reader.problems.first { throw problem }
        return reader.makeFamilies()
    }

    /// What can be read of a text, whatever else is wrong with it; `problems(in:)` tells what that is.
    public static func readableFamilies(in text: [UInt8]) -> [MetricFamily] {
        var reader = ExpositionReader(text, maximumProblems: 100)
        reader.read()
        return reader.makeFamilies()
    }

    /// Everything that is wrong with a text, by line; empty when node_exporter serves all of it unchanged.
    ///
    /// After a line that cannot be read, reading goes on with the next, which node_exporter would not do.
    /// - Parameter maximumProblems: where to stop, so that a file of something else does not become a book.
    public static func problems(in text: [UInt8], maximumProblems: Int = 100) -> [ExpositionProblem] {
        var reader = ExpositionReader(text, maximumProblems: max(1, maximumProblems))
        reader.read()
        return reader.problems
    }
}
