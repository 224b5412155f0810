import SpanKitReports
import SpanKitSummaries

/// The output of `spankit capacity`.
struct CapacityReport {
    let plan: CapacityPlan

    private var traffic: SpanTraffic { plan.traffic }

    /// The spans at one point of their way.
    private struct Stage {
        let key: String
        let title: String
        let spansPerSecond: Double
        let share: Double
    }

    private var stages: [Stage] {
        var stages = [Stage(key: "started", title: "started", spansPerSecond: traffic.startedPerSecond, share: 1)]
        if traffic.headShare < 1 {
            stages.append(
                Stage(
                    key: "head_sampled",
                    title: "after head sampling",
                    spansPerSecond: traffic.sentPerSecond,
                    share: traffic.headShare
                )
            )
        }
        if let share = traffic.tailShare {
            stages.append(
                Stage(
                    key: "tail_sampled",
                    title: "after tail sampling",
                    spansPerSecond: traffic.storedPerSecond,
                    share: traffic.headShare * share
                )
            )
        }
        return stages
    }

    private var listing: Listing {
        let bytes = traffic.sentBytes
        return Listing(
            stages,
            [
                .init("stage", "Spans", .name) { .text($0.key) },
                .init("spans_per_second", "per second", .decimal) { .number($0.spansPerSecond) },
                .init("spans_per_day", "per day", .count) {
                    Listing.whole(Int128($0.spansPerSecond * CapacityPlan.secondsPerDay))
                },
                .init("compressed_bytes_per_second", "bytes per second", .count) {
                    Listing.whole(Int128($0.spansPerSecond * bytes))
                },
                .init("compressed_bytes_per_day", "bytes per day", .count) {
                    Listing.whole(Int128($0.spansPerSecond * bytes * CapacityPlan.secondsPerDay))
                },
                .init("kept_fraction", "Kept", .share) { .number($0.share) },
            ]
        )
    }

    /// The machine-readable numbers: a row for each point on the way of the spans.
    var document: ReportDocument {
        func whole(_ number: Double) -> JSONText { .whole(Int128(number)) }
        func range(_ name: String, _ estimate: CapacityPlan.Estimate) -> [(String, JSONText)] {
            [("\(name)_low", whole(estimate.lowerBound)), ("\(name)_high", whole(estimate.upperBound))]
        }
        var facts: [(String, JSONText)] = [
            ("span_count", .count(traffic.measurement.spanCount)), ("seconds", .number(traffic.measurement.seconds)),
            ("peak_spans_per_second", traffic.peakPerSecond.map { .number($0) } ?? .null),
            ("plain_bytes_per_span", traffic.plainBytes.map { .number($0) } ?? .null),
            ("compressed_bytes_per_span", .number(traffic.sentBytes)),
            ("spans_per_trace", traffic.spansPerTrace.map { .number($0) } ?? .null),
            ("one_machine_is_enough", .bool(plan.fitsOneMachine)),
            ("one_machine_days", .number(plan.serveDays)), ("one_machine_growth", .number(plan.growthUntilFull)),
            ("days", .count(plan.days)),
        ]
        facts += range("gateway_cores", plan.gatewayCores)
        facts.append(("tail_sampling_memory_bytes", whole(plan.tailSamplingBytes)))
        facts += range("insert_cores", plan.insertCores)
        facts += range("storage_bytes_per_day", plan.storageBytesPerDay)
        facts += range("storage_bytes", plan.storageBytes)
        facts.append(("assumptions", .list(plan.assumptions.map { .string($0) })))
        return ReportDocument(.capacity, facts: facts, listing)
    }

    // MARK: Text

    func text(style: TerminalStyle) -> String {
        var page = ReportPage(style: style)
        let measurement = traffic.measurement
        page.heading(
            "Traffic",
            "\(Readable.count(measurement.spanCount, of: "span")) in \(seconds(measurement.seconds)), \(measurement.source)"
        )
        var table = Table(columns: [
            .init("Spans", .name), .init("A second"), .init("A day"), .init("Compressed a second"),
            .init("Compressed a day"), .init("Kept"),
        ])
        for stage in stages {
            let bytes = stage.spansPerSecond * traffic.sentBytes
            table.add(
                .text(stage.title),
                .text(Self.rounded(stage.spansPerSecond)),
                .text(Self.rounded(stage.spansPerSecond * CapacityPlan.secondsPerDay)),
                .text(Readable.bytes(bytes)),
                .text(Readable.bytes(bytes * CapacityPlan.secondsPerDay)),
                .text(Readable.percent(stage.share))
            )
        }
        page.table(table)
        page.paragraph(details, role: .quiet)
        page.heading("What it takes")
        var needs = Table(columns: [.init("", .name), .init("", .name)])
        for (name, value) in needed { needs.add(.text(name), .text(value)) }
        page.lines(needs.lines(style: style).filter { $0.contains { !$0.isWhitespace } })
        page.heading("Assumptions")
        for assumption in plan.assumptions { page.paragraph(assumption, lead: "  ") }
        return page.text
    }

    private var details: String {
        var parts: [String] = []
        if let plain = traffic.plainBytes {
            parts.append(
                "A span has \(Self.rounded(plain)) bytes, \(Readable.oneDecimal(traffic.sentBytes)) after compression"
            )
        }
        if let spans = traffic.spansPerTrace { parts.append("a trace has \(Readable.oneDecimal(spans)) spans") }
        if let peak = traffic.peakPerSecond { parts.append("the busiest minute has \(Self.rounded(peak)) spans/s") }
        return parts.joined(separator: "; ")
    }

    private var needed: [(String, String)] {
        [
            ("One spankit serve", oneMachine),
            ("Gateways", "\(Self.cores(plan.gatewayCores)) for the busiest minute"),
            ("  memory of tail sampling", "\(Readable.bytes(plan.tailSamplingBytes)) in all"),
            ("ClickHouse, to insert", Self.cores(plan.insertCores)),
            ("ClickHouse, disk", "\(Self.range(plan.storageBytesPerDay, Readable.bytes)) a day"),
            ("  for \(plan.days) days", Self.range(plan.storageBytes, Readable.bytes)),
        ]
    }

    private var oneMachine: String {
        let lasts = plan.serveDays >= 1_000 ? "over 1 000 days" : "\(Readable.oneDecimal(plan.serveDays)) days"
        if !plan.fitsRate {
            return "not enough: it writes \(Self.rounded(CapacityPlan.serveSpansPerSecond)) spans/s"
        }
        guard plan.fitsDisk else { return "not enough: its disk holds \(lasts), not \(plan.days)" }
        return "enough, up to \(Readable.oneDecimal(plan.growthUntilFull)) times the traffic; its disk holds \(lasts)"
    }

    private func seconds(_ seconds: Double) -> String { Readable.durationInText(UInt64(min(seconds, 9e9) * 1e9)) }

    /// A number with three digits that count, such as `1 240` or `107 000 000`.
    static func rounded(_ number: Double) -> String {
        guard number >= 10 else { return Readable.oneDecimal(number) }
        var unit = 1.0
        while number / unit >= 1_000 { unit *= 10 }
        return Readable.count(Int128((number / unit).rounded() * unit))
    }

    private static func cores(_ estimate: CapacityPlan.Estimate) -> String {
        "\(range(estimate, rounded)) \(estimate.upperBound == 1 ? "core" : "cores")"
    }

    private static func range(_ estimate: CapacityPlan.Estimate, _ text: (Double) -> String) -> String {
        let (low, high) = (text(estimate.lowerBound), text(estimate.upperBound))
        return low == high ? low : "\(low) to \(high)"
    }
}
