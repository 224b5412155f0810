import OTLP
import PrometheusText
import Recording

/// The GenAI client metrics as OTLP has them: exponential histograms, whose percentiles need no edges (an agent runs longer
/// than the conventions' last one, 81.92 s).
enum ModelCallMetrics {
    static func metrics(_ calls: GenAIMetrics) -> [OTLP.Metric] {
        func metric(_ name: String, _ description: String, _ unit: String, _ instrument: GenAIMetrics.Instrument)
            -> OTLP.Metric
        {
            let points = calls.distributions(instrument).map { key, histogram in
                OTLP.Metric.Point(
                    .histogram(histogram.exponential),
                    attributes: key.attributes.map { name, value in
                        Attribute(name, name == "otel.metric.overflow" ? true : .string(value))
                    }
                )
            }
            return OTLP.Metric(name, description: description, unit: unit, kind: .exponentialHistogram, points: points)
        }
        return [
            metric("gen_ai.client.operation.duration", "GenAI operation duration.", "s", .duration),
            metric("gen_ai.client.token.usage", "Number of input and output tokens used.", "{token}", .tokens),
            metric(
                "gen_ai.client.operation.time_to_first_chunk",
                "Time from the request to the first chunk of the answer.",
                "s",
                .timeToFirstChunk
            ),
            metric(
                "gen_ai.client.operation.time_per_output_chunk",
                "Time from one chunk of the answer to the next.",
                "s",
                .timePerOutputChunk
            ),
        ].filter { !$0.points.isEmpty }
    }
}
