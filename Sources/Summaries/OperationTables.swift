import Percentiles

/// The three views of operations: what costs most, what is slowest, what varies most.
package enum OperationTables {
    /// Operations by total time. Shares are of `whole`.
    package static func byTotalTime(_ operations: [OperationStatistics], of whole: UInt64) -> Table {
        let hasErrors = operations.contains { $0.errorCount > 0 }
        let hasMemory = operations.contains { $0.averageMemoryDeltaBytes != nil }
        var columns: [Table.Column] = [
            .init("Operation", .name), .init("Count"), .init("Total"), .init("Share", priority: 3),
            .init("", .bar(widest: 16), priority: 4), .init("Average", priority: 1), .init("p95", priority: 2),
            .init("p99", priority: 6),
        ]
        if hasMemory { columns.append(.init("Memory", priority: 5)) }
        if hasErrors { columns.append(.init("Errors", priority: 1)) }
        var table = Table(columns: columns)
        for operation in operations {
            let share = whole == 0 ? 0 : Double(operation.totalNanoseconds) / Double(whole)
            var row: [Table.Cell] = [
                .text(operation.name), .text(Readable.count(operation.count)),
                .text(Readable.duration(operation.totalNanoseconds)), .text(Readable.percent(share)),
                .bar(ShareBar(share: share)), duration(operation.averageNanoseconds),
                duration(operation.p95Nanoseconds),
                duration(operation.p99Nanoseconds),
            ]
            if hasMemory { row.append(.text(operation.averageMemoryDeltaBytes.map(Readable.signedBytes) ?? "–")) }
            if hasErrors {
                row.append(.text(Readable.count(operation.errorCount), operation.errorCount > 0 ? .bad : .quiet))
            }
            table.rows.append(row)
        }
        return table
    }

    /// Operations by average, with their whole distribution.
    static func distribution(_ operations: [OperationStatistics]) -> Table {
        var table = Table(columns: [
            .init("Operation", .name), .init("Average"), .init("Min", priority: 3), .init("p50", priority: 1),
            .init("p90", priority: 5), .init("p95", priority: 4), .init("p99"), .init("Max", priority: 2),
        ])
        for operation in operations {
            table.add(
                .text(operation.name),
                duration(operation.averageNanoseconds),
                .text(Readable.duration(operation.minimumNanoseconds)),
                duration(operation.p50Nanoseconds),
                duration(operation.p90Nanoseconds),
                duration(operation.p95Nanoseconds),
                duration(operation.p99Nanoseconds),
                .text(Readable.duration(operation.maximumNanoseconds))
            )
        }
        return table
    }

    /// Operations by p99 / p50, with a bar relative to the first.
    static func byVariability(_ operations: [OperationStatistics]) -> Table {
        var table = Table(columns: [
            .init("Operation", .name), .init("Count", priority: 2), .init("p50", priority: 3),
            .init("p99", priority: 1),
            .init("p99 / p50"), .init("", .bar(widest: 16), priority: 4),
        ])
        let most = operations.map(\.variability).max() ?? 1
        for operation in operations {
            table.add(
                .text(operation.name),
                .text(Readable.count(operation.count)),
                duration(operation.p50Nanoseconds),
                duration(operation.p99Nanoseconds),
                .text(Readable.ratio(operation.variability)),
                .bar(ShareBar(share: operation.variability / most))
            )
        }
        return table
    }

    private static func duration(_ nanoseconds: Double) -> Table.Cell {
        .text(Readable.duration(wholeNanoseconds(nanoseconds)))
    }
}
