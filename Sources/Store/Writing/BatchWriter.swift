import CSpanKitZlib
import GRDB
import SpanKitInputs
import SpanKitOTLP
import SpanKitReports

/// Writes requests in the current transaction.
///
/// One thread uses it. If a transaction fails, call ``forget()``: what was cached may not be in the database.
final class BatchWriter {
    private let statements: StoreStatements
    private var heads = Heads()
    private var histograms = MinuteHistograms()
    private var traces: [ArraySlice<UInt8>: TraceChange] = [:]
    private var words = IndexedText()
    /// What the transaction has changed so far.
    private(set) var counts = StoreCounts()

    init(_ database: Database) throws { statements = try StoreStatements(database) }

    func forget() {
        heads.forget()
        histograms.forget()
        traces = [:]
        counts = StoreCounts()
    }

    /// Adds the rows of a request.
    /// - Parameter now: The time of arrival in Unix nanoseconds.
    func add(_ request: OTLPRequest, now: Int64) throws {
        try OTLPRequest.forEachGroup(
            in: request.body[...],
            { group in
                let resource = try heads.resource(group.resource, statements)
                let scope = try heads.scope(group.scope, statements)
                for element in ProtobufFields(group.scope) where element.number == 2 && element.wire == 2 {
                    switch request.signal {
                    case .traces: try add(span: element.content, resource, scope, now)
                    case .logs: try add(record: element.content, resource, scope, now)
                    case .metrics: try add(metric: element.content, resource, scope, now)
                    }
                }
            },
            damaged: { StoreError.failed($0.description) as any Error }
        )
    }

    /// Writes the sums of the transaction: rows of traces, histograms and counts.
    /// - Returns: What the transaction changed.
    func finish(now: Int64) throws -> StoreCounts {
        for change in traces.values { try change.write(statements, now: now) }
        traces = [:]
        try histograms.write(statements)
        let total = counts
        try count(total)
        counts = StoreCounts()
        return total
    }

    /// Adds numbers to the stored counts.
    func count(_ counts: StoreCounts) throws {
        let statement = statements.addCount
        for (name, path) in StoreCounts.names where counts[keyPath: path] != 0 {
            statement.bind(1, text: ArraySlice(name.utf8))
            statement.bind(2, Int64(counts[keyPath: path]))
            try statement.run()
        }
    }

    // MARK: Signals

    private func add(span message: ArraySlice<UInt8>, _ resource: Heads.Resource, _ scope: Int64, _ now: Int64) throws {
        let span = SpanFields(message)
        guard span.hasIDs else { return }
        let name = try heads.name(span.name, statements)
        var change = try traces[span.trace] ?? trace(span, name: name, service: resource.service, now)
        let insert = statements.insertSpan
        insert.bind(1, change.id)
        insert.bind(2, span.span)
        insert.bind(3, span.parent == 0 ? nil : span.parent)
        insert.bind(4, resource.id)
        insert.bind(5, scope)
        insert.bind(6, name)
        insert.bind(7, span.kind)
        insert.bind(8, span.start)
        insert.bind(9, span.duration)
        insert.bind(10, span.status)
        insert.bind(11, Self.checksum(span))
        insert.bind(12, blob: message)
        guard try insert.run() == 1 else {
            counts.repeatedSpans += 1
            traces[span.trace] = change
            return
        }
        let id = insert.insertedID
        counts.spans += 1
        counts.receivedSpans += 1
        change.add(span, id: id, name: name, service: resource.service)
        if let call = ModelCallScan.call(message) { change.add(call) }
        traces[span.trace] = change
        try histograms.add(span, name: name, service: resource.service, statements)
        words.read(span: message)
        try index(id, statements.insertSpanWords)
    }

    private func trace(_ span: SpanFields, name: Int64, service: Int64, _ now: Int64) throws -> TraceChange {
        let select = statements.selectTrace
        select.bind(1, blob: span.trace)
        let known = try select.step() ? select.integer(0) : nil
        select.reset()
        if let known { return TraceChange(id: known) }
        let insert = statements.insertTrace
        insert.bind(1, blob: span.trace)
        insert.bind(2, name)
        insert.bind(3, service)
        insert.bind(4, now)
        try insert.run()
        counts.traces += 1
        return TraceChange(id: insert.insertedID)
    }

    private func add(
        record message: ArraySlice<UInt8>,
        _ resource: Heads.Resource,
        _ scope: Int64,
        _ now: Int64
    ) throws {
        let record = RecordFields(message)
        let insert = statements.insertRecord
        insert.bind(1, blob: record.trace)
        insert.bind(2, record.span == 0 ? nil : record.span)
        insert.bind(3, resource.id)
        insert.bind(4, scope)
        insert.bind(5, record.time)
        insert.bind(6, record.severity)
        insert.bind(7, now)
        insert.bind(8, blob: message)
        try insert.run()
        counts.logs += 1
        counts.receivedLogs += 1
        let id = insert.insertedID
        words.read(record: message)
        try index(id, statements.insertRecordWords)
    }

    private func add(
        metric message: ArraySlice<UInt8>,
        _ resource: Heads.Resource,
        _ scope: Int64,
        _ now: Int64
    ) throws {
        let metric = MetricFields(message)
        guard let data = metric.data else { return }
        let name = try heads.name(metric.name, statements)
        var stream = MetricStreamRow(metric, data, name: name, resource: resource.id, scope: scope)
        for point in ProtobufFields(data.content) where point.number == 1 && point.wire == 2 {
            let time = stream.read(point.content)
            let insert = statements.insertPoint
            insert.bind(1, try stream.id(statements))
            insert.bind(2, time)
            insert.bind(3, now)
            insert.bind(4, blob: point.content)
            try insert.run()
            counts.points += 1
            counts.receivedPoints += 1
        }
    }

    private func index(_ id: Int64, _ insert: SQLiteStatement) throws {
        insert.bind(1, id)
        insert.bind(2, text: words.bytes[...])
        try insert.run()
    }

    private static func checksum(_ span: SpanFields) -> Int64 {
        let numbers = [span.kind, span.parent, span.start, span.end, span.status]
        let sum = numbers.withUnsafeBytes {
            crc32(0, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt32($0.count))
        }
        return Int64(span.name.withUnsafeBufferPointer { crc32(sum, $0.baseAddress, UInt32($0.count)) })
    }
}
