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
}
