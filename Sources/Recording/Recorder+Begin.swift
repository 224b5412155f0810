import CSpanKit
import SpanKitPercentiles

extension Recorder {
    /// Starts a child of the current span, or a new trace.
    ///
    /// The common case is done here, with one call, to the runtime for the current span; every other is left to
    /// ``beginSlowly(_:)`` before anything has happened (`Benchmarks`: "start and end by hand"). Inlined, so that the 64
    /// bytes of the handle are written once, where they go.
    @inline(__always)
    package func begin(_ name: StaticString) -> SpanHandle {
        beginPlainly(name, inheritance: 0) ?? beginSlowly(name)
    }

    /// Starts a span in the common case; nil in any other, before anything has happened.
    /// - Parameter inheritance: what the parent has to hand down, and the span then does.
    @inline(__always)
    private func beginPlainly(_ name: StaticString, inheritance: UInt32) -> SpanHandle? {
        let parent = currentSpan.address
        guard let number = staticTexts.number(of: name), let operation = strings.knownOperation(of: number),
            let thread = currentThread,
            thread.pointee.slotCount > 0, !hasNeighbour
        else { return nil }
        let answer: PlainStart.Answer
        let traceID: TraceID
        let parentSpanID: SpanID
        var flags: TraceFlags
        if let parent {
            answer =
                parent.pointee.stateAndInheritance == inheritance
                ? plainStart.child(of: parent.pointee.traceFlags) : PlainStart.none
            guard answer != PlainStart.none, parent.pointee.spanID.isValid else { return nil }
            traceID = parent.pointee.traceID
            parentSpanID = parent.pointee.spanID
            flags = parent.pointee.traceFlags.intersection(.random)
        } else {
            answer = inheritance == 0 ? plainStart.root : PlainStart.none
            guard answer != PlainStart.none else { return nil }
            traceID = thread.pointee.ids.nextTraceID()
            parentSpanID = .invalid
            flags = .random
        }
        // Before the slot is filled: the processor does that while it reads its counter, so it is hardly the caller's time.
        let start = spankit_counter()
        flags.formUnion(TraceFlags(rawValue: answer))
        let slot = LiveSlot(thread.pointee.takeOwnSlot(), region.base)
        let openState = fill(
            slot,
            thread,
            name: number,
            operation: operation,
            kind: .internal,
            bits: SpanHeader.Bits(rawValue: answer),
            traceID: traceID,
            parentSpanID: parentSpanID,
            flags: flags,
            traceState: 0
        )
        UnsafeMutableRawPointer(slot.header).storeWord(start, at: SpanHeader.startOffset)
        slot.unlock(openState)
        return SpanHandle(
            recorder: .passUnretained(self),
            slot: slot.address,
            openState: openState,
            traceID: traceID,
            spanID: SpanID(rawValue: slot.header.pointee.spanID),
            operation: operation.rawValue,
            stateAndInheritance: inheritance,
            traceFlags: flags
        )
    }

    /// Starts a span as ``begin(_:)`` does, in any case: a name that is new, a thread that comes from another recorder or
    /// has no slots left, a clock that is not the counter, memory to be tracked, a sampler to be asked, a span of another
    /// API around.
    @inline(never)
    private func beginSlowly(_ name: StaticString) -> SpanHandle {
        if currentSpan.address?.pointee.stateAndInheritance == SpanHandle.handsDownBit,
            let span = beginPlainly(name, inheritance: SpanHandle.handsDownBit)
        {
            span.inheritAttributes()
            return span
        }
        let number = strings.number(of: name)
        let neighbour = neighbourSpan
        let parent = SpanHandle.innermost(beside: neighbour)
        let answer = sampling.answer(
            hasParent: parent != nil,
            parentIsSampled: parent?.traceFlags.contains(.sampled) ?? false
        )
        guard number != 0, answer != .ask, parent?.traceState.isEmpty ?? true else {
            return begin(named: name.description, below: parent, neighbourMark: neighbour?.spanID.mark ?? 0)
        }
        let handsDown = SpanHandle.current.handsDown
        let span = open(
            name: number,
            operation: strings.operation(of: number),
            traceID: parent?.traceID ?? newTraceID(),
            parentSpanID: parent?.spanID ?? .invalid,
            parentIsRemote: parent?.isRemote ?? false,
            // The random flag tells of the trace id's origin: ours are random, a parent's are what the parent says.
            flags: parent?.traceFlags ?? .random,
            isSampled: answer == .sampled,
            handsDown: handsDown,
            neighbourMark: neighbour?.spanID.mark ?? 0
        )
        if handsDown { span.inheritAttributes() }
        return span
    }

    /// Starts a span with everything a span can start with.
    /// - Parameter startUnixNanoseconds: nil for now.
    package func begin(
        named name: String,
        kind: RecordedSpan.Kind = .internal,
        parent: SpanParent = .current,
        attributes: Attributes = Attributes(),
        links: [(context: SpanContext, attributes: Attributes)] = [],
        startUnixNanoseconds: Int64? = nil
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
            neighbourMark: neighbour?.spanID.mark ?? 0
        )
    }

    /// Starts a span below a parent that is known, or as a root where it is nil or invalid.
    /// - Parameter neighbourMark: of the span of another API that is current; 0 for none, and for spans that never become
    ///   current themselves.
    package func begin(
        named name: String,
        kind: RecordedSpan.Kind = .internal,
        below parent: SpanContext?,
        attributes: Attributes = Attributes(),
        links: [(context: SpanContext, attributes: Attributes)] = [],
        startUnixNanoseconds: Int64? = nil,
        neighbourMark: UInt64 = 0
    ) -> SpanHandle {
        let number = strings.number(of: name)
        // A name without a number may be of any length, and the engine keeps its operations for ever.
        let operation =
            number == 0
            ? engine.operation(named: name.prefix(utf8: StringTable.maximumBytes)) : strings.operation(of: number)
        let current = SpanHandle.current
        let inherited = current.handsDown ? InheritedAttributes.current.elements : []
        let context = parent?.isValid == false ? nil : parent
        let traceID = context?.traceID ?? newTraceID()
        let decision = decide(name, kind, context, traceID, inherited, attributes)
        let span = open(
            name: number,
            operation: operation,
            kind: kind,
            traceID: traceID,
            parentSpanID: context?.spanID ?? .invalid,
            parentIsRemote: context?.isRemote ?? false,
            flags: context?.traceFlags ?? .random,
            isSampled: decision.isSampled,
            traceState: traceStates.number(for: decision.traceState ?? context?.traceState ?? ""),
            handsDown: current.handsDown,
            startUnixNanoseconds: startUnixNanoseconds,
            neighbourMark: neighbourMark
        )
        let isPlain =
            attributes.elements.isEmpty && inherited.isEmpty && links.isEmpty && decision.attributes.isEmpty
        guard decision.isSampled, !isPlain || number == 0 || span.traceState != 0 else { return span }
        span.write { writer in
            if number == 0 { writer.setText(.name, name) }
            if span.traceState != 0 { writer.setText(.traceState, traceStates.text(for: span.traceState)) }
            // First, so that what the caller says himself wins.
            for attribute in inherited { writer.set(key: attribute.key, attribute.value) }
            for attribute in attributes.elements { writer.set(key: attribute.key, attribute.value) }
            for attribute in decision.attributes { writer.set(key: attribute.key, attribute.value) }
            for link in links { writer.addLink(link.context, link.attributes) }
        }
        return span
    }

    private func decide(
        _ name: String,
        _ kind: RecordedSpan.Kind,
        _ parent: SpanContext?,
        _ traceID: TraceID,
        _ inherited: [Attribute],
        _ attributes: Attributes
    ) -> SamplingDecision {
        let parentIsSampled = parent?.traceFlags.contains(.sampled) ?? false
        let answer = sampling.answer(hasParent: parent != nil, parentIsSampled: parentIsSampled)
        // What another process says of its sampling may not be true.
        let isDoubtful = parent.map { $0.isRemote && !$0.traceState.isEmpty } ?? false
        switch isDoubtful ? .ask : answer {
        case .sampled: return SamplingDecision(isSampled: true)
        case .unsampled: return SamplingDecision(isSampled: false)
        case .ask:
            return sampling.ask(
                SamplingRequest(
                    parent: parent,
                    traceID: traceID,
                    isTraceIDRandom: parent?.traceFlags.contains(.random) ?? true,
                    name: name,
                    kind: kind,
                    attributes: inherited.isEmpty ? attributes : Attributes(inherited + attributes.elements)
                )
            )
        }
    }

    private func newTraceID() -> TraceID {
        thread().pointee.ids.nextTraceID()
    }

    /// - Parameters:
    ///   - parentSpanID: invalid for a root.
    ///   - flags: the parent's, of which the random one is taken over.
    private func open(
        name: UInt32,
        operation: OperationID,
        kind: RecordedSpan.Kind = .internal,
        traceID: TraceID,
        parentSpanID: SpanID,
        parentIsRemote: Bool = false,
        flags: TraceFlags,
        isSampled: Bool,
        traceState: UInt32 = 0,
        handsDown: Bool = false,
        startUnixNanoseconds: Int64? = nil,
        neighbourMark: UInt64
    ) -> SpanHandle {
        let thread = thread()
        let stateAndInheritance = traceState | (handsDown ? SpanHandle.handsDownBit : 0)
        var flags = flags.intersection(.random)
        if isSampled { flags.insert(.sampled) }
        guard let index = thread.pointee.takeSlot(from: pool) else {
            thread.pointee.counters.add(.started)
            thread.pointee.counters.add(.droppedTooManyLive)
            return SpanHandle(
                recorder: .passUnretained(self),
                slot: nil,
                openState: clock.now(),
                traceID: traceID,
                spanID: SpanID(rawValue: thread.pointee.ids.nextNonZero()),
                operation: operation.rawValue,
                stateAndInheritance: stateAndInheritance,
                traceFlags: flags,
                neighbourMark: neighbourMark
            )
        }
        var bits: SpanHeader.Bits = isSampled ? .recording : []
        if parentIsRemote { bits.insert(.parentIsRemote) }
        if configuration.tracksMemory { bits.insert(.tracksHeap) }
        if startUnixNanoseconds != nil { bits.insert(.startIsUnix) }
        let slot = LiveSlot(index, region.base)
        let openState = fill(
            slot,
            thread,
            name: name,
            operation: operation,
            kind: kind,
            bits: bits,
            traceID: traceID,
            parentSpanID: parentSpanID,
            flags: flags,
            traceState: traceState
        )
        if configuration.tracksMemory { slot.header.pointee.heapBytes = Int64(bitPattern: spankit_heap_in_use()) }
        // Read last: what happened before is not the caller's time.
        slot.header.pointee.start = startUnixNanoseconds.map { UInt64(bitPattern: $0) } ?? clock.now()
        slot.unlock(openState)
        return SpanHandle(
            recorder: .passUnretained(self),
            slot: slot.address,
            openState: openState,
            traceID: traceID,
            spanID: SpanID(rawValue: slot.header.pointee.spanID),
            operation: operation.rawValue,
            stateAndInheritance: stateAndInheritance,
            traceFlags: flags,
            neighbourMark: neighbourMark
        )
    }

    /// Writes all but the start into a slot that the thread has taken, with a new span id; returns the state to open it with.
    @inline(__always)
    private func fill(
        _ slot: LiveSlot,
        _ thread: UnsafeMutablePointer<ThreadRecorder>,
        name: UInt32,
        operation: OperationID,
        kind: RecordedSpan.Kind,
        bits: SpanHeader.Bits,
        traceID: TraceID,
        parentSpanID: SpanID,
        flags: TraceFlags,
        traceState: UInt32
    ) -> UInt64 {
        thread.pointee.counters.add(.started)
        // Together with the next block, none, and with the last block, none.
        slot.address.atomicUInt64(at: LiveSlot.operationOffset).pointee
            .store(UInt64(operation.rawValue), ordering: .relaxed)
        slot.address.storeWord(0, at: LiveSlot.lastBlockOffset)
        // With stores as wide as the loads of ``SpanHeader/copy(_:from:to:)``.
        let header = UnsafeMutableRawPointer(slot.header)
        header.storeWord(traceID.high, at: SpanHeader.traceIDOffset)
        header.storeWord(traceID.low, at: SpanHeader.traceIDOffset + 8)
        header.storeWord(thread.pointee.ids.nextNonZero(), at: SpanHeader.spanIDOffset)
        header.storeWord(parentSpanID.rawValue, at: SpanHeader.parentSpanIDOffset)
        header.storeWord(UInt64(name) | UInt64(traceState) << 32, at: SpanHeader.namesOffset)
        header.storeWord(
            UInt64(flags.rawValue) | UInt64(kind.rawValue) << 8 | UInt64(bits.rawValue) << 24,
            at: SpanHeader.detailsOffset
        )
        header.storeWord(0, at: SpanHeader.countsOffset)
        header.storeWord(0, at: SpanHeader.droppedOffset)
        header.storeWord(0, at: SpanHeader.sizesOffset)
        header.storeWord(0, at: SpanHeader.heapOffset)
        return slot.state.pointee.load(ordering: .relaxed) &- LiveState.free &+ LiveState.open
    }
}
