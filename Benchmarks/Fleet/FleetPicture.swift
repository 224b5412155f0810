import SpanKitSummaries

/// The course of some scenarios over time, as SVG.
package struct FleetPicture {
    private struct Panel {
        let title: String
        let value: (FleetSample) -> Double
        /// A label of the vertical axis.
        let label: (Double) -> String
    }

    /// A scenario and the color of its line. The colors can be told apart with color blindness (Okabe and Ito).
    private let lines: [(result: FleetResult, color: String)]

    private static let colors = ["#0072B2", "#D55E00", "#009E73", "#CC79A7"]
    private static let (width, height, left, top, gap) = (900.0, 150.0, 90.0, 64.0, 62.0)
    /// The seconds that one point covers. It shows their maximum, so that no peak is missing.
    private static let binSeconds = 4

    /// - Parameter results: at most four, of the same length.
    package init(_ results: [FleetResult]) {
        lines = Array(zip(results, Self.colors)).map { (result: $0, color: $1) }
    }

    package var svg: String {
        guard let first = lines.first?.result else { return "" }
        let steady = first.steadyRequests
        let panels = [
            Panel(
                title: "Requests to the gateways in a second, as a multiple of those before the outage",
                value: { Double($0.requests) / steady },
                label: { "\(Readable.oneDecimal($0))×" }
            ),
            Panel(
                title: "Spans that wait in processes and agents, compressed",
                value: { Double($0.waitingBytes + $0.agentSpans * SimulatedProcess.bodyBytes) },
                label: { Readable.bytes($0) }
            ),
            Panel(
                title: "Memory of tail sampling in the gateway that has most",
                value: { Double($0.gatewayBytes) },
                label: { Readable.bytes($0) }
            ),
        ]
        let height = Self.top + Double(panels.count) * (Self.height + Self.gap)
        var parts = [
            #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(Int(Self.width) + 20) \#(Int(height))" font-family="sans-serif" font-size="13">"#,
            #"<rect width="100%" height="100%" fill="white"/>"#,
        ]
        parts += legend
        for (number, panel) in panels.enumerated() {
            parts += drawn(panel, top: Self.top + 20 + Double(number) * (Self.height + Self.gap), first.scenario)
        }
        return (parts + ["</svg>"]).map { "\($0)\n" }.joined()
    }

    private var legend: [String] {
        lines.enumerated().flatMap { number, line in
            let x = Self.left + Double(number % 2) * 400
            let y = 20 + Double(number / 2) * 20
            return [
                #"<path d="M\#(text(x)) \#(text(y - 4))h24" stroke="\#(line.color)" stroke-width="3"/>"#,
                #"<text x="\#(text(x + 32))" y="\#(text(y))">\#(line.result.scenario.name)</text>"#,
            ]
        }
    }

    private func drawn(_ panel: Panel, top: Double, _ scenario: FleetScenario) -> [String] {
        let series = lines.map { line in Self.points(line.result.samples.map(panel.value)) }
        let most = max(series.joined().max() ?? 0, 1e-9) * 1.05
        let plotWidth = Self.width - Self.left - 20
        let bottom = top + Self.height
        func x(_ seconds: Double) -> Double { Self.left + seconds / Double(scenario.seconds) * plotWidth }
        func y(_ value: Double) -> Double { bottom - value / most * Self.height }
        let (start, end) = (Double(scenario.outageSeconds.lowerBound), Double(scenario.outageSeconds.upperBound))
        var parts = [
            #"<text x="\#(text(Self.left))" y="\#(text(top - 8))" font-weight="bold">\#(panel.title)</text>"#,
            #"<rect x="\#(text(x(start)))" y="\#(text(top))" width="\#(text(x(end) - x(start)))" height="\#(text(Self.height))" fill="whitesmoke"/>"#,
            #"<text x="\#(text(x(start) + 6))" y="\#(text(top + 16))" fill="gray">outage</text>"#,
            #"<path d="M\#(text(Self.left)) \#(text(top))V\#(text(bottom))H\#(text(Self.width - 20))" fill="none" stroke="silver"/>"#,
        ]
        for share in [0.0, 0.5, 1] {
            let value = most / 1.05 * share
            parts.append(
                #"<text x="\#(text(Self.left - 8))" y="\#(text(y(value) + 4))" text-anchor="end">\#(panel.label(value))</text>"#
            )
        }
        for minute in stride(from: 0, through: scenario.seconds / 60, by: 2) {
            parts.append(
                #"<text x="\#(text(x(Double(minute * 60))))" y="\#(text(bottom + 17))" text-anchor="middle">\#(minute) min</text>"#
            )
        }
        for (line, points) in zip(lines, series) {
            let path = points.enumerated().map { number, value in
                "\(number == 0 ? "M" : "L")\(text(x(Double(number * Self.binSeconds)))) \(text(y(value)))"
            }
            parts.append(
                #"<path d="\#(path.joined())" fill="none" stroke="\#(line.color)" stroke-width="1.5" stroke-linejoin="round"/>"#
            )
        }
        return parts
    }

    private static func points(_ values: [Double]) -> [Double] {
        stride(from: 0, to: values.count, by: binSeconds).map { start in
            values[start..<min(start + binSeconds, values.count)].max() ?? 0
        }
    }

    private func text(_ coordinate: Double) -> String { Readable.fixed(coordinate, decimals: 1) }
}
