import Foundation
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitReports
import SpanKitSummaries

/// Reads the histograms that `histograms.sql` keeps on a server, merged for a time.
struct HistogramReading: Sendable {
    typealias Operations = [OperationKey: (durations: ExponentialHistogram, errorCount: UInt64)]

    let server: ClickHouseServer
    /// The whole minutes that are read, in seconds since 1970-01-01 UTC.
    private let since: Int64?
    private let until: Int64?

    /// - Parameter filter: The options of the command. They may give the time, but select nothing else.
    /// - Throws: ``CommandFailure`` with status 64.
    init(_ server: ClickHouseServer, _ filter: FilterOptions) throws(CommandFailure) {
        if filter.filter != nil {
            throw CommandFailure(
                .usage,
                "--where: the server has histograms of operations, not of spans; add service=… to the address, or filter spans with "
                    + "'spankit sql percentiles-raw'"
            )
        }
        func given(_ option: String?, _ name: String) throws(CommandFailure) -> String? {
            guard let value = server.values[name] else { return option }
            guard option == nil else {
                throw CommandFailure(.usage, "--\(name): the address contains \(name) as well; leave one out")
            }
            return value
        }
        let selection = try SpanSelection.options(
            nil,
            of: .spans,
            since: given(filter.since, "since"),
            until: given(filter.until, "until"),
            zone: filter.zone
        )
        self.server = server
        let minute: Int64 = 60 * 1_000_000_000
        since = selection.since.map { $0 / minute * 60 }
        until = selection.until.map { ($0 + minute - 1) / minute * 60 }
    }

    /// The name in reports: the server, and the time in UTC.
    var name: String {
        let times = [("since", since), ("until", until)].compactMap { name, time in
            time.map { "\(name) \(Self.text($0).dropLast(3))" }
        }
        return ([server.name] + (server.values["service"].map { ["service \($0)"] } ?? []) + times).joined(
            separator: " "
        )
    }

    /// - Throws: ``CommandFailure`` with status 65 if there are no spans or the rows are damaged, and 69 if the server cannot be used.
    func read() async throws(CommandFailure) -> Operations {
        var given = server.values
        given["since"] = since.map(Self.text)
        given["until"] = until.map(Self.text)
        let query = try SQLQuery(.buckets, given)
        let answer = try SQLAnswer(await server.ask(query.statement))
        var operations: Operations = [:]
        for row in answer.rows {
            let row = Row(columns: answer.columns.map(\.name), cells: row)
            let key = OperationKey(service: row.text("service"), name: row.text("name"))
            guard let histogram = row.histogram, let errorCount = row.whole("error_count") else {
                throw CommandFailure(
                    .data,
                    "\(server.name): the histogram of '\(key.name.text)' is damaged; was its table filled by the view?"
                )
            }
            operations[key] = (histogram, UInt64(clamping: errorCount))
        }
        guard !operations.isEmpty else {
            throw CommandFailure(
                .data,
                "\(name): there are no histograms of this time; 'spankit sql histograms' prints the view that makes them"
            )
        }
        return operations
    }

    /// A time in UTC, as SQL writes it.
    private static func text(_ seconds: Int64) -> String {
        // ClickHouse's DateTime ends in 2106.
        let date = Date(timeIntervalSince1970: Double(min(max(0, seconds), 4_291_747_200)))
        return date.formatted(
            .iso8601.year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false)
        )
    }
}

/// A row of `buckets.sql`.
private struct Row {
    let columns: [String]
    let cells: [JSONValue]

    private subscript(name: String) -> JSONValue? {
        columns.firstIndex(of: name).flatMap { $0 < cells.count ? cells[$0] : nil }
    }

    func text(_ name: String) -> String { self[name]?.string ?? "" }

    func whole(_ name: String) -> UInt128? { Self.whole(self[name]) }

    private static func whole(_ value: JSONValue?) -> UInt128? {
        switch value {
        case .number(let digits)?, .text(let digits)?: UInt128(digits)
        default: nil
        }
    }

    /// The number of the bucket of durations of 0 ns.
    private static let zero = -32_768

    /// The histogram; `nil` if the row is damaged.
    var histogram: ExponentialHistogram? {
        guard case .array(let indexes)? = self["bucket_indexes"], case .array(let counts)? = self["bucket_counts"],
            indexes.count == counts.count, let sum = whole("total_ns"), let shortest = whole("min_ns"),
            let longest = whole("max_ns")
        else { return nil }
        var buckets: [(index: Int, count: UInt64)] = []
        var zeroCount: UInt64 = 0
        for (index, count) in zip(indexes, counts) {
            guard let index = index.integer, let count = Self.whole(count).flatMap({ UInt64(exactly: $0) }),
                (Self.zero...32_767).contains(index)
            else { return nil }
            if index == Self.zero { zeroCount = count } else { buckets.append((index, count)) }
        }
        let first = buckets.map(\.index).min() ?? 0
        var dense = [UInt64](repeating: 0, count: (buckets.map(\.index).max() ?? -1) - first + 1)
        for (index, count) in buckets { dense[index - first] = count }
        return try? ExponentialHistogram(
            scale: 8,
            unit: .seconds,
            firstBucketIndex: first,
            bucketCounts: dense,
            zeroCount: zeroCount,
            sumNanoseconds: sum,
            minimumNanoseconds: UInt64(clamping: shortest),
            maximumNanoseconds: UInt64(clamping: longest)
        )
    }
}
