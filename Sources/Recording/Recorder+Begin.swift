import CSpanKit
import SpanKitPercentiles

extension Recorder {
    /// Starts a child of the current span, or a new trace.
    ///
    /// The fast path makes a single call, to the runtime for the current span. If the fast path does not apply,
    /// ``beginSlowly(_:)`` does everything (`Benchmarks`: "start and end by hand"). This method is inlined so that the
    /// 64 bytes of the handle are written once.
    @inline(__always)
    package func begin(_ name: StaticString) -> SpanHandle {
        beginPlainly(name, plainAnswers, inheritance: 0) ?? beginSlowly(name)
    }

    /// Starts a span as ``begin(_:)`` does, in the scope of a library.
    @inline(never)
    package func begin(_ name: StaticString, scope: UInt32) -> SpanHandle {
        beginPlainly(name, plainAnswers, inheritance: 0, scope: scope) ?? beginTimed(name, scope: scope)
            ?? begin(named: name.description, scope: scope)
    }

    /// Starts a span in the common case; returns nil in any other case, without having changed anything.
    /// - Parameters:
    ///   - answers: The sampler's answers.
    ///   - bits: More bits of the span.
    ///   - inheritance: The required ``SpanHandle/stateAndInheritance`` of the parent, which the span gets as well.
    ///   - scope: The number in the ``ScopeTable``.
    @inline(__always)
    func beginPlainly(
        _ name: StaticString,
        _ answers: SamplingAnswers,
        bits: SpanHeader.Bits = [],
        inheritance: UInt32,
        scope: UInt32 = 0
    ) -> SpanHandle? {
        let parent = currentSpan.address
        guard let number = staticTexts.number(of: name), let operation = strings.knownOperation(of: number),
            let thread = currentThread,
            thread.pointee.slotCount > 0, !hasNeighbour
        else { return nil }
        let answer: SamplingAnswers.Answer
        let traceID: TraceID
        let parentSpanID: SpanID
        var flags: TraceFlags
        if let parent {
            answer =
                parent.pointee.stateAndInheritance == inheritance
                ? answers.child(of: parent.pointee.traceFlags) : .ask
            guard answer != .ask, parent.pointee.spanID.isValid else { return nil }
            traceID = parent.pointee.traceID
            parentSpanID = parent.pointee.spanID
            flags = parent.pointee.traceFlags.intersection(.inherited)
        } else {
            answer = inheritance == 0 ? answers.root : .ask
            guard answer != .ask else { return nil }
            traceID = thread.pointee.ids.nextTraceID()
            parentSpanID = .invalid
            flags = .random
        }
        // The counter is read before the slot is filled, because the processor can do both at the same time.
        let now = spankit_counter()
        flags.formUnion(TraceFlags(rawValue: answer.rawValue))
        let slot = LiveSlot(thread.pointee.takeOwnSlot(), region.base)
        let start = SpanStart(
            name: number,
            operation: operation,
            bits: SpanHeader.Bits(rawValue: answer.rawValue | bits.rawValue),
            traceID: traceID,
            parentSpanID: parentSpanID,
            flags: flags,
            stateAndInheritance: inheritance,
            scope: scope
        )
        let openState = fill(slot, thread, start)
        UnsafeMutableRawPointer(slot.header).storeWord(now, at: SpanHeader.startOffset)
        slot.unlock(openState)
        return handle(start, slot.address, openState, spanID: slot.header.pointee.spanID)
    }

    /// Starts a span as ``begin(_:)`` does, in all cases that its fast path excludes: a new name, a thread that used
    /// another recorder or has no slots left, a clock without the counter, tracked memory, a sampler that has to be
    /// asked, or a current span of another API.
    @inline(never)
    private func beginSlowly(_ name: StaticString) -> SpanHandle {
        if let span = beginTimed(name, scope: 0) { return span }
        if currentSpan.address?.pointee.stateAndInheritance == SpanHandle.handsDownBit,
            let span = beginPlainly(name, plainAnswers, inheritance: SpanHandle.handsDownBit)
        {
            span.inheritAttributes()
            return span
        }
        let number = strings.number(of: name)
        let neighbour = neighbourSpan
        let parent = SpanHandle.innermost(beside: neighbour)
        let answer = sampling.answers.answer(below: parent?.traceFlags)
        guard number != 0, answer != .ask, parent?.traceState.isEmpty ?? true else {
            return begin(named: name.description, below: parent, neighbourMark: neighbour?.spanID.mark ?? 0)
        }
        var start = SpanStart(
            name: number,
            operation: strings.operation(of: number),
            traceID: parent?.traceID ?? newTraceID()
        )
        start.flags = rootFlags
        start.setParent(parent, isSampled: answer == .sampled)
        start.stateAndInheritance = SpanHandle.current.inheritance
        start.neighbourMark = neighbour?.spanID.mark ?? 0
        let span = open(&start)
        if span.handsDown { span.inheritAttributes() }
        process(span)
        return span
    }

    /// Starts a span.
    /// - Parameters:
    ///   - startUnixNanoseconds: The start in nanoseconds since 1970-01-01 UTC; nil for now.
    ///   - scope: The number in the ``ScopeTable``.
    package func begin(
        named name: String,
        kind: RecordedSpan.Kind = .internal,
        parent: SpanParent = .current,
        attributes: Attributes = Attributes(),
        links: [(context: SpanContext, attributes: Attributes)] = [],
        startUnixNanoseconds: Int64? = nil,
        scope: UInt32 = 0
    ) -> SpanHandle {
        let neighbour = neighbourSpan
        let context: SpanContext? =
            switch parent {
            case .current: SpanHandle.innermost(beside: neighbour)
            case .none: nil
            case .context(let context): context
            }
        return begin(
            named: name,
            kind: kind,
            below: context,
            attributes: attributes,
            links: links,
            startUnixNanoseconds: startUnixNanoseconds,
            neighbourMark: neighbour?.spanID.mark ?? 0,
            scope: scope
        )
    }

    /// Starts a child of `parent`, or a new trace if it is nil or invalid.
    /// - Parameter neighbourMark: The mark of the current span of another API. Pass 0 without such a span, or if the new span does not
    ///   become current.
    package func begin(
        named name: String,
        kind: RecordedSpan.Kind = .internal,
        below parent: SpanContext?,
        attributes: Attributes = Attributes(),
        links: [(context: SpanContext, attributes: Attributes)] = [],
        startUnixNanoseconds: Int64? = nil,
        neighbourMark: UInt64 = 0,
        scope: UInt32 = 0
    ) -> SpanHandle {
        let number = strings.number(of: name)
        // A name without a number may be of any length, and the engine never forgets an operation.
        let operation =
            number == 0
            ? engine.operation(named: name.prefix(utf8: StringTable.maximumBytes)) : strings.operation(of: number)
        let current = SpanHandle.current
        let inherited = current.handsDown ? InheritedAttributes.current.elements : []
        let context = parent?.isValid == false ? nil : parent
        var start = SpanStart(name: number, operation: operation, traceID: context?.traceID ?? newTraceID())
        start.flags = rootFlags
        let decision = decide(name, kind, context, start.traceID, inherited, attributes)
        start.setParent(context, isSampled: decision.isSampled)
        start.kind = kind
        start.stateAndInheritance =
            current.inheritance | traceStates.number(for: decision.traceState ?? context?.traceState ?? "")
        start.neighbourMark = neighbourMark
        start.scope = scope
        start.unixNanoseconds = startUnixNanoseconds
        let span = open(&start)
        let isPlain =
            attributes.elements.isEmpty && inherited.isEmpty && links.isEmpty && decision.attributes.isEmpty
        defer { process(span) }
        guard decision.isSampled, !isPlain || number == 0 || span.traceState != 0 else { return span }
        span.write { writer in
            if number == 0 { writer.setText(EntryType.name, name) }
            if span.traceState != 0 { writer.setText(EntryType.traceState, traceStates.text(for: span.traceState)) }
            // Inherited attributes are set first, so that the caller's attributes override them.
            for attribute in inherited { writer.set(key: attribute.key, attribute.value) }
            for attribute in attributes.elements { writer.set(key: attribute.key, attribute.value) }
            for attribute in decision.attributes { writer.set(key: attribute.key, attribute.value) }
            for link in links { writer.addLink(link.context, link.attributes) }
        }
        return span
    }

    /// Starts a child of a span of this process, or a new trace if it is ``SpanHandle/none``, without a copy of its context.
    ///
    /// Returns nil if the sampler must decide for each span, the trace has a trace state, the span inherits attributes,
    /// or the string table has no number for the name. Then call
    /// ``begin(named:kind:below:attributes:links:startUnixNanoseconds:neighbourMark:scope:)``.
    package func beginPlainly(
        named name: String,
        kind: RecordedSpan.Kind,
        below parent: SpanHandle,
        startUnixNanoseconds: Int64,
        scope: UInt32
    ) -> SpanHandle? {
        let isRoot = !parent.spanID.isValid || !parent.traceID.isValid
        let answer = isRoot ? sampling.answers.root : sampling.answers.child(of: parent.traceFlags)
        guard answer != .ask, isRoot || parent.stateAndInheritance == 0,
            currentSpan.address?.pointee.handsDown != true
        else { return nil }
        let number = strings.number(of: name)
        guard number != 0 else { return nil }
        var start = SpanStart(
            name: number,
            operation: strings.operation(of: number),
            traceID: isRoot ? newTraceID() : parent.traceID
        )
        start.kind = kind
        start.scope = scope
        start.flags = rootFlags
        start.unixNanoseconds = startUnixNanoseconds
        if !isRoot {
            start.parentSpanID = parent.spanID
            start.flags = parent.traceFlags.intersection(.inherited)
        }
        if answer == .sampled {
            start.flags.insert(.sampled)
            start.bits.insert(.recording)
        }
        let span = open(&start)
        process(span)
        return span
    }

    /// Passes a span that has started to the processors.
    @inline(__always)
    private func process(_ span: SpanHandle) {
        guard let processing, span.slot != nil, span.traceFlags.contains(.sampled) else { return }
        processing.run(.start(span), self)
    }

    private func decide(
        _ name: String,
        _ kind: RecordedSpan.Kind,
        _ parent: SpanContext?,
        _ traceID: TraceID,
        _ inherited: [Attribute],
        _ attributes: Attributes
    ) -> SamplingDecision {
        let answer = sampling.answers.answer(below: parent?.traceFlags)
        // The sampling information in the trace state of another process may be wrong.
        let hasForeignState = parent.map { $0.isRemote && !$0.traceState.isEmpty } ?? false
        guard answer == .ask || hasForeignState else { return SamplingDecision(isSampled: answer == .sampled) }
        let request = SamplingRequest(
            parent: parent,
            traceID: traceID,
            isTraceIDRandom: (parent?.traceFlags ?? rootFlags).contains(.random),
            name: name,
            kind: kind,
            attributes: inherited.isEmpty ? attributes : Attributes(inherited + attributes.elements)
        )
        return sampling.ask(request, warn: warnCaller)
    }

    private func newTraceID() -> TraceID {
        if let ids { return ids.traceID(self) }
        return thread().pointee.ids.nextTraceID()
    }

    private func newSpanID(_ thread: UnsafeMutablePointer<ThreadRecorder>) -> UInt64 {
        if let ids { return ids.spanID(self).rawValue }
        return thread.pointee.ids.nextNonZero()
    }

    /// Takes a slot and opens it; without a free slot, the span is only measured.
    private func open(_ start: inout SpanStart) -> SpanHandle {
        let thread = thread()
        guard let number = thread.pointee.takeSlot(from: pool) else {
            thread.pointee.counters.add(.started)
            thread.pointee.counters.add(.droppedTooManyLive)
            return handle(start, nil, clock.now(), spanID: newSpanID(thread))
        }
        if configuration.tracksMemory { start.bits.insert(.tracksHeap) }
        if start.unixNanoseconds != nil { start.bits.insert(.startIsUnix) }
        if configuration.onEnd != nil || processing != nil { start.bits.insert(.reportsEnd) }
        if times != nil { start.bits.insert(.timed) }
        let slot = LiveSlot(number, region.base)
        let openState = fill(slot, thread, start)
        let header = slot.header
        if let ids { header.pointee.spanID = ids.spanID(self).rawValue }
        if configuration.tracksMemory { header.pointee.heapBytes = Int64(bitPattern: spankit_heap_in_use()) }
        // Read last, because starting the span is not part of its duration.
        header.pointee.start = start.unixNanoseconds.map { UInt64(bitPattern: $0) } ?? clock.now()
        times?.begin(number, at: start.unixNanoseconds == nil ? header.pointee.start : clock.now())
        slot.unlock(openState)
        return handle(start, slot.address, openState, spanID: header.pointee.spanID)
    }

    @inline(__always)
    private func handle(
        _ start: SpanStart,
        _ slot: UnsafeMutableRawPointer?,
        _ openState: UInt64,
        spanID: UInt64
    ) -> SpanHandle {
        SpanHandle(
            recorder: .passUnretained(self),
            slot: slot,
            openState: openState,
            traceID: start.traceID,
            spanID: SpanID(rawValue: spanID),
            operation: start.operation.rawValue,
            stateAndInheritance: start.stateAndInheritance,
            traceFlags: start.flags,
            neighbourMark: start.neighbourMark
        )
    }

    /// Writes everything but the start time into a slot that the thread has taken, with a new span id.
    /// - Returns: The state to unlock the slot with.
    @inline(__always)
    private func fill(
        _ slot: LiveSlot,
        _ thread: UnsafeMutablePointer<ThreadRecorder>,
        _ start: SpanStart
    ) -> UInt64 {
        thread.pointee.counters.add(.started)
        // This word also holds the next block. The next block and the last block are 0, because there are no blocks
        // yet.
        slot.address.atomicUInt64(at: LiveSlot.operationOffset).pointee
            .store(UInt64(start.operation.rawValue), ordering: .relaxed)
        slot.address.storeWord(0, at: LiveSlot.lastBlockOffset)
        // The stores are as wide as the loads of ``SpanHeader/copy(_:from:to:)``.
        let header = UnsafeMutableRawPointer(slot.header)
        let traceState = UInt64(start.stateAndInheritance & ~SpanHandle.handsDownBit)
        header.storeWord(start.traceID.high, at: SpanHeader.traceIDOffset)
        header.storeWord(start.traceID.low, at: SpanHeader.traceIDOffset + 8)
        header.storeWord(thread.pointee.ids.nextNonZero(), at: SpanHeader.spanIDOffset)
        header.storeWord(start.parentSpanID.rawValue, at: SpanHeader.parentSpanIDOffset)
        header.storeWord(UInt64(start.name) | traceState << 32, at: SpanHeader.namesOffset)
        header.storeWord(
            UInt64(start.flags.rawValue) | UInt64(start.kind.rawValue) << 8 | UInt64(start.bits.rawValue) << 24
                | UInt64(start.scope) << 32,
            at: SpanHeader.detailsOffset
        )
        header.storeWord(0, at: SpanHeader.countsOffset)
        header.storeWord(0, at: SpanHeader.droppedOffset)
        header.storeWord(0, at: SpanHeader.sizesOffset)
        header.storeWord(0, at: SpanHeader.heapOffset)
        return slot.state.pointee.load(ordering: .relaxed) &- LiveState.free &+ LiveState.open
    }
}

/// The data of a span when it starts.
private struct SpanStart {
    /// The name's number in the string table.
    var name: UInt32
    var operation: OperationID
    var kind = RecordedSpan.Kind.internal
    var bits: SpanHeader.Bits = []
    var traceID: TraceID
    /// Invalid for a root.
    var parentSpanID = SpanID.invalid
    /// Trace ids that SpanKit generates are random. If the trace id comes from the parent, the parent's flag says
    /// whether it is random.
    var flags = TraceFlags.random
    var stateAndInheritance: UInt32 = 0
    var neighbourMark: UInt64 = 0
    /// The number in the ``ScopeTable``.
    var scope: UInt32 = 0
    /// The start in nanoseconds since 1970-01-01 UTC; nil for now.
    var unixNanoseconds: Int64?

    @inline(__always)
    mutating func setParent(_ parent: SpanContext?, isSampled: Bool) {
        if let parent {
            parentSpanID = parent.spanID
            flags = parent.traceFlags.intersection(.inherited)
            if parent.isRemote { bits.insert(.parentIsRemote) }
        }
        if isSampled {
            flags.insert(.sampled)
            bits.insert(.recording)
        }
    }
}
