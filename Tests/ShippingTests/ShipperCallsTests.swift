import Testing

@testable import SpanKitShipping

/// The loop of the shipper's thread against every order in which other threads may call it, one step of one thread at a time.
@Suite("No wake-up is lost in any order of events")
struct ShipperCallsTests {
    /// What a thread does in one step, during which no other runs.
    private enum Step: Hashable {
        /// A chunk's worth of spans is in the log; the call for it comes in a step of its own.
        case append
        case signal
        case flush
        /// The destination has taken something; the call for it comes in a step of its own.
        case makeRoom
        case stop
    }

    /// The step of the shipper's thread in its loop.
    private enum Place: Hashable {
        case asleep, looking
        case draining(ShipperCalls.Call)
        case answering(ShipperCalls.Call, isOver: Bool)
        case ended
    }

    private struct World: Hashable {
        var calls = ShipperCalls()
        var place = Place.looking
        /// Chunks in the log, and how many more the destination takes.
        var log = 0
        var room: Int
        var flushes: [Int] = []
        /// What each of the other threads still does.
        var threads: [[Step]]
    }

    /// One step of the shipper's thread, as `Shipper.run` takes them; nil while it sleeps and nothing calls.
    private func shipperStep(_ world: World) -> World? {
        var world = world
        switch world.place {
        case .ended: return nil
        case .asleep, .looking:
            // Looking and falling asleep are one step: both are done under the monitor.
            if world.calls.isCalled {
                world.place = .draining(world.calls.take())
            } else if world.place == .looking {
                world.place = .asleep
            } else {
                return nil
            }
        case .draining(let call):
            if world.log > 0, world.room > 0 {
                world.log -= 1
                world.room -= 1
            } else {
                world.place = .answering(call, isOver: world.log == 0)
            }
        case .answering(let call, let isOver):
            world.calls.answer(call, isOver: isOver)
            world.place = .looking
            if call.isStopping {
                world.calls.end()
                world.place = .ended
            }
        }
        return world
    }

    private func otherStep(_ world: World, thread: Int) -> World? {
        guard let step = world.threads[thread].first else { return nil }
        var world = world
        world.threads[thread].removeFirst()
        switch step {
        case .append: world.log += 1
        case .signal: world.calls.signal()
        case .flush: world.flushes.append(world.calls.wantFlush())
        case .makeRoom: world.room += 1
        case .stop: world.calls.stop()
        }
        return world
    }

    /// All worlds in which no thread can take another step, and how many worlds there are.
    private func ends(_ start: World) -> (ends: [World], count: Int) {
        var seen: Set<World> = [start]
        var open = [start]
        var ends: [World] = []
        while let world = open.popLast() {
            let next =
                [shipperStep(world)].compactMap { $0 }
                + world.threads.indices.compactMap { otherStep(world, thread: $0) }
            if next.isEmpty { ends.append(world) }
            for one in next where seen.insert(one).inserted { open.append(one) }
        }
        return (ends, seen.count)
    }

    @Test("every signal is processed, at whatever time it arrives")
    func signals() {
        let producer: [Step] = [.append, .signal, .append, .signal, .append, .signal]
        let (ends, count) = ends(World(room: 9, threads: [producer, producer]))
        #expect(count > 500, "all orders are tried")
        #expect(ends.allSatisfy { $0.log == 0 && $0.place == .asleep })
    }

    @Test("every flush ends, during recording, during other flushes, and with late room")
    func flushes() {
        let world = World(
            room: 0,
            threads: [
                [.append, .signal, .append, .signal], [.flush, .flush], [.append, .flush],
                [.makeRoom, .signal, .makeRoom, .signal, .makeRoom, .signal],
            ]
        )
        let (ends, count) = ends(world)
        #expect(count > 5_000, "all orders are tried")
        #expect(ends.allSatisfy { $0.log == 0 })
        #expect(ends.allSatisfy { world in world.flushes.allSatisfy { world.calls.isFlushed($0) } })
    }

    @Test("a flush that waits for room does not spin and completes")
    func blockedFlush() {
        let (ends, _) = ends(World(room: 0, threads: [[.append, .flush]]))
        #expect(ends.count == 1, "the thread sleeps")
        #expect(ends.allSatisfy { $0.place == .asleep && $0.log == 1 })
        let (later, _) = self.ends(World(room: 0, threads: [[.append, .flush], [.makeRoom, .signal]]))
        #expect(later.allSatisfy { world in world.log == 0 && world.flushes.allSatisfy { world.calls.isFlushed($0) } })
    }

    @Test("a stop ends the thread and every flush")
    func stop() {
        let world = World(
            room: 1,
            threads: [[.append, .signal, .append, .signal], [.flush], [.makeRoom, .signal], [.stop]]
        )
        let (ends, count) = ends(world)
        #expect(count > 1_000)
        #expect(ends.allSatisfy { $0.place == .ended })
        #expect(ends.allSatisfy { world in world.flushes.allSatisfy { world.calls.isFlushed($0) } })
    }

    @Test("this test finds a lost wake-up in a wrong implementation")
    func detection() {
        // The loop with the mistake: it looks away from the calls only once it has drained.
        func mistaken(_ world: World) -> World? {
            var world = world
            switch world.place {
            case .asleep, .looking:
                guard world.calls.isCalled else {
                    if world.place == .asleep { return nil }
                    world.place = .asleep
                    return world
                }
                world.place = .draining(.init(isStopping: false, flush: 0))
            case .draining(let call):
                if world.log > 0 { world.log -= 1 } else { world.place = .answering(call, isOver: true) }
            case .answering:
                _ = world.calls.take()
                world.place = .looking
            case .ended: return nil
            }
            return world
        }
        var seen: Set<World> = []
        var open = [World(room: 9, threads: [[.append, .signal, .append, .signal]])]
        var lost = 0
        while let world = open.popLast() {
            let next = [mistaken(world)].compactMap { $0 } + [otherStep(world, thread: 0)].compactMap { $0 }
            if next.isEmpty, world.log > 0 { lost += 1 }
            for one in next where seen.insert(one).inserted { open.append(one) }
        }
        #expect(lost > 0)
    }
}
