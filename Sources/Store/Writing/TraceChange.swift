import SpanKitReports

/// What a batch changes in the row of a trace.
struct TraceChange {
    let id: Int64
    var start: Int64 = 0
    var finish: Int64 = 0
    var spans = 0
    var errors = 0
    /// The earliest new span without a parent.
    var root: (id: Int64, start: Int64, name: Int64, service: Int64)?
    var services: Set<Int64> = []
    var conversation: String?
    var tokens: Int64?

    init(id: Int64) { self.id = id }

    mutating func add(_ span: SpanFields, id: Int64, name: Int64, service: Int64) {
        spans += 1
        if span.status == 2 { errors += 1 }
        // A span with one time counts as a moment.
        let times = [span.start, span.end].filter { $0 > 0 }
        if let first = times.min(), let last = times.max() {
            start = start == 0 ? first : min(start, first)
            finish = max(finish, last)
        }
        services.insert(service)
        if span.parent == 0, root.map({ span.start < $0.start }) ?? true { root = (id, span.start, name, service) }
    }

    mutating func add(_ call: ModelCallFacts) {
        if conversation == nil { conversation = call.conversation }
        guard call.inputTokens != nil || call.outputTokens != nil else { return }
        let count = (call.inputTokens ?? 0).addingReportingOverflow(call.outputTokens ?? 0)
        tokens =
            Int64(clamping: count.overflow ? .max : count.partialValue).addingReportingOverflow(tokens ?? 0)
            .partialValue
    }

    func write(_ statements: StoreStatements, now: Int64) throws {
        var root = root
        if let new = root {
            statements.selectStart.bind(1, id)
            if try statements.selectStart.step(), let start = statements.selectStart.integer(0), start <= new.start {
                root = nil
            }
            statements.selectStart.reset()
        }
        let update = statements.updateTrace
        update.bind(1, id)
        update.bind(2, start)
        update.bind(3, finish)
        update.bind(4, Int64(spans))
        update.bind(5, Int64(errors))
        update.bind(6, now)
        update.bind(7, root?.id)
        update.bind(8, root?.name)
        update.bind(9, root?.service)
        update.bind(10, text: conversation.map { ArraySlice($0.utf8) })
        update.bind(11, tokens)
        try update.run()
        for service in services {
            statements.insertService.bind(1, service)
            statements.insertService.bind(2, id)
            try statements.insertService.run()
        }
    }
}
