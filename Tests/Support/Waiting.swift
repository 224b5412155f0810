import Glibc
import Testing

extension Duration {
    /// The longest wait for something that an idle machine does at once.
    ///
    /// Only a test that fails waits this long. The bound keeps a fault from hanging the run; no test passes or fails because of
    /// the part of it that a slow machine needs.
    public static let generous = Duration.seconds(180)
}

extension Trait where Self == TimeLimitTrait {
    /// The longest that one test may take: it ends a test that hangs. Longer than several waits of `Duration.generous`.
    public static var generousTimeLimit: Self { .timeLimit(.minutes(20)) }
}

/// A condition that did not become true.
public struct NeverHappened: Error, CustomStringConvertible {
    /// What was waited for, for how long, and what was seen last.
    public let description: String

    init(_ what: String, _ longest: Duration, _ value: Any, _ fileID: String, _ line: Int) {
        let seen = String("\(value)".suffix(2_000))
        description = "\(fileID):\(line): waited \(longest) for this: \(what); seen last: \(seen)"
    }
}

/// Waits until a value is as expected, without blocking a thread of the pool. Tests wait for conditions by this function alone.
/// - Parameters:
///   - what: what becomes true, for the message, such as "4,000 spans are exported".
///   - value: read again and again.
/// - Returns: the value that fulfilled the condition.
/// - Throws: `NeverHappened` when the time is over; what `value` throws, at once.
@discardableResult
public func eventually<Value>(
    isolation: isolated (any Actor)? = #isolation,
    _ what: String,
    _ value: @autoclosure () async throws -> Value,
    within longest: Duration = .generous,
    fileID: String = #fileID,
    line: Int = #line,
    until isExpected: (Value) throws -> Bool
) async throws -> Value {
    let end = ContinuousClock.now + longest
    var pause = Duration.milliseconds(1)
    var looks = 0
    while true {
        looks += 1
        // Read after the clock: the last look comes after the whole time. On a busy machine the other tests may hold the pool's threads
        // for minutes, so time alone says nothing: after this many looks, whatever else waits for the pool has run many times.
        let isLast = ContinuousClock.now >= end && looks >= 200
        let seen = try await value()
        if try isExpected(seen) { return seen }
        guard !isLast else { throw NeverHappened(what, longest, seen, fileID, line) }
        try await Task.sleep(for: pause)
        // Some values take a request to a server that has other things to do.
        pause = min(pause * 2, .milliseconds(50))
    }
}

/// Waits until a value is as expected, for tests that are not asynchronous.
@discardableResult
public func eventually<Value>(
    _ what: String,
    _ value: @autoclosure () throws -> Value,
    within longest: Duration = .generous,
    fileID: String = #fileID,
    line: Int = #line,
    until isExpected: (Value) throws -> Bool
) throws -> Value {
    let end = ContinuousClock.now + longest
    while true {
        let isLast = ContinuousClock.now >= end
        let seen = try value()
        if try isExpected(seen) { return seen }
        guard !isLast else { throw NeverHappened(what, longest, seen, fileID, line) }
        usleep(1_000)
    }
}
