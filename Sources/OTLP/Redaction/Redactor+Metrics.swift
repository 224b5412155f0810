import SpanKitRecording

extension Redactor {
    /// The metric with redacted texts. Points whose redacted attributes are the same become one.
    /// - Parameters:
    ///   - merger: knows the points of earlier collections.
    ///   - report: called for each point that is left out, because an earlier point has the same redacted attributes
    ///     and the two cannot be added, as with gauges.
    package func metric(_ metric: Metric, merging merger: inout SeriesMerger, _ report: () -> Void) -> Metric {
        var redacted = metric
        redacted.name = text(metric.name)
        redacted.description = text(metric.description)
        redacted.unit = text(metric.unit)
        var hasChanged = false
        for place in metric.points.indices {
            let attributes = attributes(metric.points[place].attributes)
            if attributes != metric.points[place].attributes {
                redacted.points[place].attributes = attributes
                hasChanged = true
            }
            for exemplar in metric.points[place].exemplars.indices
            where !metric.points[place].exemplars[exemplar].filteredAttributes.isEmpty {
                redacted.points[place].exemplars[exemplar].filteredAttributes =
                    self.attributes(metric.points[place].exemplars[exemplar].filteredAttributes)
            }
        }
        guard hasChanged else { return redacted }
        return merger.merge(redacted, original: metric.points.map(\.attributes)) { isAdded in if !isAdded { report() } }
    }
}
