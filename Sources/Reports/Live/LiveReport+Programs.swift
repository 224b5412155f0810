import SpanKitPercentiles
import SpanKitPlatform
import SpanKitSummaries

// The frame for programs.
extension LiveReport {
    /// Every open span in a row: parents before what they wait for.
    package var listing: Listing {
        var listing = Listing([.init("processId", "Process", .count)] + openSpans(of: []).columns)
        for process in processes {
            listing.rows += openSpans(of: process.openForest).rows.map { [Listing.whole(process.processID)] + $0 }
        }
        return listing
    }

    /// Everything that the text shows, an object for each process.
    package var json: JSONText { .list(processes.map(json(of:))) }

    private func json(of process: LiveProcess) -> JSONText {
        .object([
            ("processId", .number(Double(process.processID))),
            ("service", .string(process.service)),
            ("isRunning", .bool(process.isRunning)),
            ("ageNanoseconds", .number(Double(nanoseconds(since: process.createdUnixNanoseconds)))),
            ("logBytes", .number(Double(process.waitingLogBytes))),
            ("spanCountInFiles", .number(Double(process.waitingSpanCount))),
            ("spanCountInLog", process.queued.map { .number(Double($0.log)) } ?? .null),
            ("spanCountHeldByTailSampling", process.queued.map { .number(Double($0.tailSampling)) } ?? .null),
            ("spanCountBeingEncoded", process.queued.map { .number(Double($0.encoding)) } ?? .null),
            ("destinations", process.destinations.map { .list($0.map(json(of:))) } ?? .null),
            ("openSpans", openSpans(of: process.openForest).json),
            ("windowSeconds", .number(process.windowSeconds)),
            ("operations", operations(of: process).json),
        ])
    }

    private func json(of destination: LiveProcess.Destination) -> JSONText {
        .object([
            ("name", .string(destination.name)),
            ("isFailing", .bool(destination.isFailing)),
            ("exportedSpanCount", .number(Double(destination.exported))),
            ("waitingSpanCount", .number(Double(destination.waiting))),
            ("waitingInFilesSpanCount", .number(Double(destination.files))),
            ("inFlightSpanCount", .number(Double(destination.inFlight))),
            ("droppedSpanCount", .number(Double(destination.droppedCount))),
            (
                "dropped",
                .object(destination.dropped.sorted { $0.key < $1.key }.map { ($0.key, .number(Double($0.value))) })
            ),
        ])
    }

    private func openSpans(of forest: [(span: LiveProcess.OpenSpan, depth: Int)]) -> Listing {
        var listing = Listing([
            .init("depth", "Depth", .count), .init("name", "Span", .name),
            .init("ageNanoseconds", "Age", .duration), .init("details", "Details", .text),
            .init("traceId", "Trace", .text), .init("spanId", "Span id", .text),
        ])
        for (span, depth) in forest {
            listing.rows.append([
                Listing.whole(depth), .text(span.name), Listing.whole(nanoseconds(since: span.startUnixNanoseconds)),
                .text(span.details), .text(span.traceID), .text(span.spanID.hexadecimalDigits),
            ])
        }
        return listing
    }

    /// What has ended within the window.
    private func operations(of process: LiveProcess) -> Listing {
        var listing = Listing([
            .init("name", "Operation", .name), .init("count", "Count", .count), .init("errorCount", "Errors", .count),
            .init("p50Nanoseconds", "p50", .duration), .init("p95Nanoseconds", "p95", .duration),
            .init("p99Nanoseconds", "p99", .duration), .init("maximumNanoseconds", "Max", .duration),
        ])
        for statistics in process.operations.map(\.statistics) {
            listing.rows.append([
                .text(statistics.name), Listing.whole(statistics.count), Listing.whole(statistics.errorCount),
                Listing.whole(wholeNanoseconds(statistics.p50Nanoseconds)),
                Listing.whole(wholeNanoseconds(statistics.p95Nanoseconds)),
                statistics.knowsP99
                    ? Listing.whole(wholeNanoseconds(statistics.p99Nanoseconds)) : .none,
                Listing.whole(statistics.maximumNanoseconds),
            ])
        }
        return listing
    }
}
