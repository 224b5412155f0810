import SpanKitPlatform

extension SpanRecorder {
    /// Waits until at least `count` spans of a name have ended, and returns all spans of that name.
    ///
    /// It returns as soon as the last of these spans ends. The limit only ends a test that would otherwise hang.
    /// - Parameters:
    ///   - name: The name of the spans.
    ///   - count: The number of spans to wait for.
    ///   - limit: The longest time to wait.
    ///   - isolation: The caller's actor.
    ///   - fileID: The file that the error names.
    ///   - line: The line that the error names.
    /// - Throws: ``SpanExpectationError`` with all spans of the test if the limit is reached, and `CancellationError` if the task is
    ///   cancelled.
    @discardableResult
    public func waitForSpans(
        _ name: String,
        count: Int = 1,
        within limit: Duration = .seconds(30),
        isolation: isolated (any Actor)? = #isolation,
        fileID: String = #fileID,
        line: UInt = #line
    ) async throws -> [EndedSpan] {
        let expectation = "\(Self.count(count, "span")) named '\(name)' to end"
        try await wait(within: limit, for: expectation, fileID: fileID, line: line) {
            $0.spans.named(name).count >= count
        }
        return spans.named(name)
    }

    /// Waits until a condition is true. The recorder checks it at once, and each time that a span ends, a line is logged, or a metric of
    /// swift-metrics measures something.
    ///
    /// ```swift
    /// try await recorder.wait { $0.openSpans.isEmpty }
    /// ```
    /// - Parameters:
    ///   - limit: The longest time to wait.
    ///   - expectation: What the test waits for. The message of the error contains it.
    ///   - isolation: The caller's actor, on which the condition is checked.
    ///   - fileID: The file that the error names.
    ///   - line: The line that the error names.
    ///   - condition: The condition. It must not block.
    /// - Throws: ``SpanExpectationError`` with all spans of the test if the limit is reached, `CancellationError` if the task is
    ///   cancelled, and any error that the condition throws.
    public func wait(
        within limit: Duration = .seconds(30),
        for expectation: String = "the condition",
        isolation: isolated (any Actor)? = #isolation,
        fileID: String = #fileID,
        line: UInt = #line,
        until condition: (SpanRecorder) throws -> Bool
    ) async throws {
        let changes = changes.subscribe()
        let deadline = Task.detached {
            try? await Task.sleep(for: limit)
            changes.finish()
        }
        defer { deadline.cancel() }
        // The stream begins with a change, so that the condition is checked at least once.
        for await _ in changes.stream where try condition(self) { return }
        try Task.checkCancellation()
        let problem = "waited \(ReadableDuration(limit)) for \(expectation)"
        throw SpanExpectationError(problem, spans.markedLines, of: self, at: (fileID, line))
    }
}

/// Wakes the tests that wait for a change of a recorder. All methods are thread-safe.
final class ChangeSignal: Sendable {
    private let waiting = Locked<[Int: AsyncStream<Void>.Continuation]>([:])
    private let nextKey = Locked(0)

    /// A stream with one element now, and one after each change. Changes that were not read yet are one element.
    struct Subscription: Sendable {
        let stream: AsyncStream<Void>
        fileprivate let continuation: AsyncStream<Void>.Continuation

        func finish() { continuation.finish() }
    }

    func signal() {
        for continuation in waiting.withLock({ Array($0.values) }) { continuation.yield() }
    }

    func subscribe() -> Subscription {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let key = nextKey.withLock { key in
            key += 1
            return key
        }
        continuation.onTermination = { [weak self] _ in self?.waiting.withLock { $0[key] = nil } }
        waiting.withLock { $0[key] = continuation }
        continuation.yield()
        return Subscription(stream: stream, continuation: continuation)
    }
}

/// The error that is thrown if the recorded spans or metrics are not those that a test expects. The description shows the recorded
/// ones.
public struct SpanExpectationError: Error, CustomStringConvertible {
    /// The file and line of the call, what was expected, what was recorded, and what may explain the difference.
    public let description: String

    /// - Parameters:
    ///   - recorded: The recorded spans or metrics, with two characters in front of each line.
    ///   - title: The heading above `recorded`.
    ///   - empty: The line for an empty list.
    init(
        _ problem: String,
        _ recorded: [String],
        title: String = "recorded spans",
        empty: String = "no span",
        of recorder: SpanRecorder?,
        at place: (fileID: String, line: UInt)
    ) {
        let shown = ["\(title):"] + (recorded.isEmpty ? ["  \(empty)"] : recorded)
        let lines = ["\(place.fileID):\(place.line): \(problem)"] + shown + (recorder?.notes ?? [])
        description = lines.joined(separator: "\n")
    }
}
