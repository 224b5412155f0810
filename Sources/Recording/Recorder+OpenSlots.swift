import SpanKitPercentiles
import SpanKitPlatform
import Synchronization

extension Recorder {
    /// The operation of the span in a slot; nil if the slot holds no span. The span may end during the call.
    /// - Parameter number: The number of a slot of this recorder (``SpanTimes``).
    package func openOperation(inSlot number: UInt32) -> String? {
        guard number != 0, Int(number) < (region.chunkCapacity + 1) * (Region.chunkBytes / LiveSlot.bytes) else {
            return nil
        }
        let slot = LiveSlot(number, region.base)
        let seen = slot.state.pointee.load(ordering: .acquiring)
        guard LiveState.isOpen(seen) else { return nil }
        let operation = slot.address.atomicUInt32(at: LiveSlot.operationOffset).pointee.load(ordering: .relaxed)
        atomicMemoryFence(ordering: .acquiring)
        let after = slot.state.pointee.load(ordering: .relaxed)
        return after >> 8 == seen >> 8 ? engine.name(of: OperationID(rawValue: operation)) : nil
    }
}
