import SpanKitPercentiles

/// The tables of an ``OperationSummary``.
package enum OperationTables {
    /// Operations by total time, with their shares of `whole`.
    package static func byTotalTime(_ operations: [OperationStatistics], of whole: UInt64) -> Table {
        let hasErrors = operations.contains { $0.errorCount > 0 }
        let hasMemory = operations.contains { $0.averageMemoryDeltaBytes != nil }
        var columns: [Table.Column] = [
            .init("Operation", .name), .init("Count"), .init("Total"), .init("Share", priority: 3),
            .init("", .bar(widest: 16), priority: 4), .init("Average", priority: 1), .init("p95", priority: 2),
        ]
        let knowsP99 = operations.contains(where: \.knowsP99)
        if knowsP99 { columns.append(.init("p99", priority: 6)) }
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
            ]
            if knowsP99 { row.append(p99(operation)) }
            if hasMemory { row.append(.text(operation.averageMemoryDeltaBytes.map(Readable.signedBytes) ?? "–")) }
            if hasErrors {
                row.append(.text(Readable.count(operation.errorCount), operation.errorCount > 0 ? .bad : .quiet))
            }
            table.rows.append(row)
        }
        return table
    }

    /// Operations by average, with their percentiles.
    static func distribution(_ operations: [OperationStatistics]) -> Table {
        let knowsP99 = operations.contains(where: \.knowsP99)
        var columns: [Table.Column] = [
            .init("Operation", .name), .init("Average"), .init("Min", priority: 3), .init("p50", priority: 1),
            .init("p90", priority: 5), .init("p95", priority: 4),
        ]
        if knowsP99 { columns.append(.init("p99")) }
        columns.append(.init("Max", priority: 2))
        var table = Table(columns: columns)
        for operation in operations {
            var row: [Table.Cell] = [
                .text(operation.name), duration(operation.averageNanoseconds),
                .text(Readable.duration(operation.minimumNanoseconds)), duration(operation.p50Nanoseconds),
                duration(operation.p90Nanoseconds), duration(operation.p95Nanoseconds),
            ]
            if knowsP99 { row.append(p99(operation)) }
            row.append(.text(Readable.duration(operation.maximumNanoseconds)))
            table.rows.append(row)
        }
        return table
    }

    /// Operations by p99 / p50, with a bar relative to the first.
    /// - Parameter slow: The heading of the p99 column: `Max` if too few runs make it the maximum.
    static func byVariability(_ operations: [OperationStatistics], slow: String) -> Table {
        var table = Table(columns: [
            .init("Operation", .name), .init("Count", priority: 2), .init("p50", priority: 3),
            .init(slow, priority: 1),
            .init("\(slow) / p50"), .init("", .bar(widest: 16), priority: 4),
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

    private static func p99(_ operation: OperationStatistics) -> Table.Cell {
        operation.knowsP99 ? duration(operation.p99Nanoseconds) : .text("–", .quiet)
    }

    private static func duration(_ nanoseconds: Double) -> Table.Cell {
        .text(Readable.duration(wholeNanoseconds(nanoseconds)))
    }
}
