import CClock
import Percentiles

extension Recorder {
    /// Starts a child of the current span, or a new trace.
    ///
    /// Inlined into the two functions that call it, so that the 57 bytes of the handle are written once, where they go.
    @inline(__always)
    package func begin(_ name: StaticString, kind: SpanKind = .internal) -> Span {
        let number = strings.number(of: name)
        guard number != 0 else { return begin(named: name.description, kind: kind) }
        let parent = Span.current
        let answer = sampling.answer(
            hasParent: parent.spanID.isValid,
            parentIsSampled: parent.traceFlags.contains(.sampled)
        )
        guard answer != .ask, parent.traceState == 0 else { return begin(named: name.description, kind: kind) }
        return open(
            name: number,
            operation: strings.operation(of: number),
            kind: kind,
            parent: Parent(parent),
            isSampled: answer == .sampled,
            traceState: 0
        )
    }

    /// Starts a span with everything a span can start with.
    /// - Parameter startUnixNanoseconds: nil for now.
    package func begin(
        named name: String,
        kind: SpanKind = .internal,
        parent: SpanParent = .current,
        attributes: Attributes = [:],
        links: [(context: SpanContext, attributes: Attributes)] = [],
        startUnixNanoseconds: Int64? = nil
    ) -> Span {
        let number = strings.number(of: name)
        let operation = number == 0 ? engine.operation(named: name) : strings.operation(of: number)
        var context: SpanContext? =
            switch parent {
            case .current: Span.current.context
            case .none: nil
            case .context(let context): context
            }
        if context?.isValid == false { context = nil }
        let traceID = context?.traceID ?? newTraceID()
        let decision = decide(name, kind, context, traceID, attributes)
        let span = open(
            name: number,
            operation: operation,
            kind: kind,
            parent: context.map(Parent.init),
            traceID: traceID,
            isSampled: decision.isSampled,
            traceState: traceStates.number(for: decision.traceState ?? context?.traceState ?? ""),
            startUnixNanoseconds: startUnixNanoseconds
        )
        let isPlain = attributes.elements.isEmpty && links.isEmpty && decision.attributes.isEmpty
        guard decision.isSampled, !isPlain || number == 0 || span.traceState != 0 else { return span }
        span.write { writer in
            if number == 0 { writer.setText(.name, name) }
            if span.traceState != 0 { writer.setText(.traceState, traceStates.text(for: span.traceState)) }
            for attribute in attributes.elements { writer.set(key: attribute.key, attribute.value) }
            for attribute in decision.attributes { writer.set(key: attribute.key, attribute.value) }
            for link in links { writer.addLink(link.context, link.attributes) }
        }
        return span
    }

    /// What a child takes over from its parent.
    struct Parent {
        var traceID: TraceID
        var spanID: SpanID
        var traceFlags: TraceFlags
        var isRemote: Bool

        @inline(__always)
        init?(_ span: Span) {
            guard span.spanID.isValid else { return nil }
            traceID = span.traceID
            spanID = span.spanID
            traceFlags = span.traceFlags
            isRemote = false
        }

        init(_ context: SpanContext) {
            traceID = context.traceID
            spanID = context.spanID
            traceFlags = context.traceFlags
            isRemote = context.isRemote
        }
    }

    private func decide(
        _ name: String,
        _ kind: SpanKind,
        _ parent: SpanContext?,
        _ traceID: TraceID,
        _ attributes: Attributes
    ) -> SamplingDecision {
        let parentIsSampled = parent?.traceFlags.contains(.sampled) ?? false
        switch sampling.answer(hasParent: parent != nil, parentIsSampled: parentIsSampled) {
        case .sampled: return SamplingDecision(isSampled: true)
        case .unsampled: return SamplingDecision(isSampled: false)
        case .ask:
            return sampling.sampler.decide(
                SamplingRequest(
                    parent: parent,
                    traceID: traceID,
                    isTraceIDRandom: parent?.traceFlags.contains(.random) ?? true,
                    name: name,
                    kind: kind,
                    attributes: attributes
                )
            )
        }
    }

    private func newTraceID() -> TraceID {
        let thread = thread()
        return TraceID(high: thread.pointee.ids.next(), low: thread.pointee.ids.nextNonZero())
    }

    @inline(__always)
    private func open(
        name: UInt32,
        operation: OperationID,
        kind: SpanKind,
        parent: Parent?,
        traceID: TraceID? = nil,
        isSampled: Bool,
        traceState: UInt32,
        startUnixNanoseconds: Int64? = nil
    ) -> Span {
        let thread = thread()
        thread.pointee.counters.add(.started)
        let heap = configuration.tracksMemory ? Int64(bitPattern: spankit_heap_in_use()) : 0
        let traceID =
            traceID ?? parent?.traceID
            ?? TraceID(high: thread.pointee.ids.next(), low: thread.pointee.ids.nextNonZero())
        let spanID = SpanID(rawValue: thread.pointee.ids.nextNonZero())
        // The random flag tells of the trace id's origin: ours are random, a parent's are what the parent says.
        var flags = (parent?.traceFlags ?? .random).intersection(.random)
        if isSampled { flags.insert(.sampled) }
        guard let index = thread.pointee.takeSlot(from: pool) else {
            return Span(
                recorder: .passUnretained(self),
                slot: nil,
                generation: clock.now(),
                traceID: traceID,
                spanID: spanID,
                operation: operation.rawValue,
                traceState: traceState,
                traceFlags: flags
            )
        }
        let slot = LiveSlot(region.base + Int(index) * LiveSlot.bytes)
        let generation = slot.state.pointee.load(ordering: .relaxed) >> 8
        slot.operation.pointee = operation.rawValue
        slot.nextBlock.pointee = 0
        slot.lastBlock.pointee = 0
        slot.usedInLastBlock.pointee = UInt32(LiveSlot.payloadOffset)
        var bits: SpanHeader.Bits = isSampled ? .recording : []
        if parent?.isRemote == true { bits.insert(.parentIsRemote) }
        if configuration.tracksMemory { bits.insert(.tracksHeap) }
        if startUnixNanoseconds != nil { bits.insert(.startIsUnix) }
        let header = UnsafeMutableRawPointer(slot.header)
        header.storeWord(traceID.high, at: 16)
        header.storeWord(traceID.low, at: 24)
        header.storeWord(spanID.rawValue, at: 32)
        header.storeWord(parent?.spanID.rawValue ?? 0, at: 40)
        header.storeWord(UInt64(name) | UInt64(traceState) << 32, at: 48)
        header.storeWord(
            UInt64(flags.rawValue) | UInt64(kind.rawValue) << 8 | UInt64(bits.rawValue) << 24,
            at: 56
        )
        header.storeWord(0, at: 64)
        header.storeWord(0, at: 72)
        header.storeWord(0, at: 80)
        header.storeWord(UInt64(bitPattern: heap), at: 88)
        // Read last: what happened before is not the caller's time.
        header.storeWord(startUnixNanoseconds.map { UInt64(bitPattern: $0) } ?? clock.now(), at: 0)
        slot.unlock(generation: generation)
        return Span(
            recorder: .passUnretained(self),
            slot: slot.address,
            generation: generation,
            traceID: traceID,
            spanID: spanID,
            operation: operation.rawValue,
            traceState: traceState,
            traceFlags: flags
        )
    }
}
