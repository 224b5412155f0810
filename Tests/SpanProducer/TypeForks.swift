import CSpanKitFork
import Foundation
import SpanKit
import Synchronization

/// Forks while eight threads use new types, so that a thread often holds a lock of the Swift runtime at that moment. Each child ends
/// at once, so it has only run the fork handlers, which must not wait for such a lock.
enum TypeForks {
    private static let threadCount = 8
    private static let forks = Atomic<Int>(0)

    static func start() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let count = Int(arguments[2]) else { exit(64) }
        let telemetry = Telemetry.start(.environment(), log: .silent)
        for thread in 0..<threadCount {
            Thread.detachNewThread {
                for number in 0..<count {
                    // Types are never freed, so it uses no more than the forks need.
                    while number > forks.load(ordering: .relaxed) { usleep(10) }
                    let types = NewTypes.meet(Int.self, UInt64(thread * count + number), depth: 24)
                    telemetry.profiler.profile("types") { $0.set("count", types) }
                }
            }
        }
        for number in 1...count {
            forks.store(number, ordering: .relaxed)
            usleep(UInt32.random(in: 0..<100))
            let child = spankit_test_fork()
            if child == 0 { _exit(0) }
            guard ChildEnd.status(of: child) == 0 else {
                print("child \(number) of \(count) did not end")
                exit(1)
            }
        }
        _exit(0)
    }
}

/// Types that were not used before: a chain of two wrappers in an order that a number selects. Consecutive numbers share most of their
/// chains.
private enum NewTypes {
    private struct Left<Value: Hashable>: Hashable {
        var value: Value?
    }

    private struct Right<Value: Hashable>: Hashable {
        var value: Value?
    }

    /// Uses the types of a chain, and collections of the longest.
    @inline(never)
    static func meet<Value: Hashable>(_ type: Value.Type, _ bits: UInt64, depth: Int) -> Int {
        guard depth == 0 else {
            return bits >> UInt64(depth - 1) & 1 == 0
                ? meet(Left<Value>.self, bits, depth: depth - 1)
                : meet(Right<Value>.self, bits, depth: depth - 1)
        }
        let pointer = UnsafeMutablePointer<Value>.allocate(capacity: 1)
        defer { pointer.deallocate() }
        var count = 0
        for pointer in [pointer].reversed() { count += [pointer: [Value]()].map { $0.value.count + 1 }.reduce(0, +) }
        for _ in Set<Value>().union([]) { count += 1 }
        let types: [Any.Type] = [
            [Value].self, [Value]?.self, ReversedCollection<[Value]>.self, IndexingIterator<[Value]>.self,
            [Value: [Value]].self, ContiguousArray<Value>.self, (Value, Value).self, ((inout Value) -> Value).self,
        ]
        return count + types.count
    }
}
