import Glibc
import Testing

extension Duration {
    /// The longest wait for something that an idle machine does immediately.
    ///
    /// Only a failing test waits this long. The limit ends a run that hangs; whether a test passes does not depend on how much of it
    /// a slow machine needs.
    public static let generous = Duration.seconds(180)
}

extension Trait where Self == TimeLimitTrait {
    /// A time limit that ends a test that hangs. It is longer than several waits of `Duration.generous`.
    public static var generousTimeLimit: Self { .timeLimit(.minutes(20)) }
}

/// A condition that did not become true.
public struct NeverHappened: Error, CustomStringConvertible {
    /// The condition, the time waited, and the last value.
    public let description: String

    init(_ what: String, _ longest: Duration, _ value: Any, _ fileID: String, _ line: Int) {
        let seen = String("\(value)".suffix(2_000))
        description = "\(fileID):\(line): waited \(longest) for this: \(what); seen last: \(seen)"
    }
}

/// Waits until a value is as expected, without blocking a thread of the pool. Tests wait for conditions only with this function.
/// - Parameters:
///   - what: the condition as a sentence for the message, such as "4,000 spans are exported".
///   - value: read repeatedly.
/// - Returns: the expected value.
/// - Throws: `NeverHappened` after the longest wait. Errors of `value` are rethrown immediately.
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
        // The value is read after the clock, so the last read is after the whole time. On a busy machine other tests may occupy the
        // pool's threads for minutes. After this many reads, everything else that waits for the pool has run many times.
        let isLast = ContinuousClock.now >= end && looks >= 200
        let seen = try await value()
        if try isExpected(seen) { return seen }
        guard !isLast else { throw NeverHappened(what, longest, seen, fileID, line) }
        try await Task.sleep(for: pause)
        // Some values need a request to a server, which should not get too many of them.
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
