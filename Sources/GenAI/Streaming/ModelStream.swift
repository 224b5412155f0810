import SpanKit
import SpanKitPlatform

/// What an observer of a stream has learned from its chunks so far.
public struct StreamProgress: Sendable, Hashable {
    /// What is known of the answer. Counts are the last ones, not sums: providers send growing counts.
    public var response = ModelResponse()
    /// Whether the provider has said that the answer is complete. A reader that stops then has not abandoned the call.
    public var isComplete = false
    /// Whether the chunk at hand is a piece of the answer. True before every chunk; set it to false for those that are not (pings,
    /// usage), so that they do not count as the first one.
    public var isOutput = true
}

/// A stream of a model's answer that ends its call exactly once: after the last chunk, with an error, on cancellation, or when its
/// iterator is dropped. What is known of the usage by then is kept in any case.
///
/// Passes elements and errors through unchanged. Make it with ``ModelCall/stream(_:endIsMarked:observe:)``. It is iterated once, like
/// the stream beneath, which runs in the call's span: a span that the provider's client starts becomes its child.
public struct ModelStream<Base: AsyncSequence>: AsyncSequence {
    /// The stream's own elements.
    public typealias Element = Base.Element
    /// The stream's own error.
    public typealias Failure = Base.Failure
    /// Learns from a chunk.
    public typealias Observer = @Sendable (Base.Element, inout StreamProgress) -> Void

    private let base: Base
    private let call: ModelCall
    private let endIsMarked: Bool
    private let observe: Observer

    init(_ base: Base, _ call: ModelCall, endIsMarked: Bool, _ observe: @escaping Observer) {
        self.base = base
        self.call = call
        self.endIsMarked = endIsMarked
        self.observe = observe
    }

    /// The stream's iterator; the call's clock has been running since the call was started.
    public func makeAsyncIterator() -> Iterator {
        Iterator(base: base.makeAsyncIterator(), end: StreamEnd(call), endIsMarked: endIsMarked, observe: observe)
    }

    /// Hands out the chunks.
    public struct Iterator: AsyncIteratorProtocol {
        private var base: Base.AsyncIterator
        private let end: StreamEnd
        private let endIsMarked: Bool
        private let observe: Observer
        private var progress = StreamProgress()

        init(base: Base.AsyncIterator, end: StreamEnd, endIsMarked: Bool, observe: @escaping Observer) {
            self.base = base
            self.end = end
            self.endIsMarked = endIsMarked
            self.observe = observe
        }

        /// The next chunk; nil behind the last one.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(Failure) -> Element? {
            let element: Element?
            do {
                element = try await nextOfBase(isolation: actor)
            } catch {
                // A cancelled stream may fail with an error of its own; the reason is still the cancellation.
                if Task.isCancelled { end.call.fail(CancellationError()) } else { end.call.fail(error) }
                throw error
            }
            guard let element else {
                finish()
                return nil
            }
            progress.isOutput = true
            let before = progress.response
            observe(element, &progress)
            if progress.response != before { end.call.update { $0 = progress.response } }
            if progress.isOutput { end.call.chunkArrived() }
            if progress.isComplete { end.isComplete.withLock { $0 = true } }
            return element
        }

        /// Asks the stream beneath in the call's span: some streams send their request only now.
        private mutating func nextOfBase(isolation actor: isolated (any Actor)?) async throws(Failure) -> Element? {
            let result: Result<Element?, Failure> = await SpanHandle.$current.withValue(end.call.span) {
                do throws(Failure) {
                    return .success(try await base.next(isolation: actor))
                } catch {
                    return .failure(error)
                }
            }
            return try result.get()
        }

        private func finish() {
            if progress.isComplete {
                end.call.end()
            } else if Task.isCancelled {
                // AsyncStream ends without an error then.
                end.call.fail(CancellationError())
            } else if endIsMarked {
                end.call.fail(errorType: ErrorType.incomplete)
            } else {
                end.call.end()
            }
        }
    }
}

extension ModelStream: Sendable where Base: Sendable {}

/// Ends the call when the last copy of an iterator goes away.
final class StreamEnd: Sendable {
    let call: ModelCall
    let isComplete = Locked(false)

    init(_ call: ModelCall) {
        self.call = call
    }

    deinit {
        if isComplete.withLock({ $0 }) { call.end() } else { call.fail(errorType: ErrorType.abandoned) }
    }
}

extension ModelCall {
    /// Watches the stream of this call's answer, and ends the call with it.
    ///
    /// The argument is evaluated in the call's span, and so is every step of the stream. The spans of an HTTP client that
    /// `client.stream(prompt)` uses become children of the call's span.
    /// - Parameters:
    ///   - base: the stream; it is asked for one chunk when a chunk is asked for.
    ///   - endIsMarked: the provider says when the answer is complete (``StreamProgress/isComplete``); a stream that ends
    ///     before that has failed as `incomplete`.
    ///   - observe: learns from every chunk, in order.
    public func stream<Base: AsyncSequence>(
        _ base: @autoclosure () -> Base,
        endIsMarked: Bool = false,
        observe: @escaping ModelStream<Base>.Observer = { _, _ in }
    ) -> ModelStream<Base> {
        ModelStream(SpanHandle.$current.withValue(span, operation: base), self, endIsMarked: endIsMarked, observe)
    }

    /// The same as ``stream(_:endIsMarked:observe:)`` for a client that needs an `await` or a `try` to get to its stream. An error of
    /// the closure passes through, and is the call's.
    public func stream<Base: AsyncSequence, Thrown: Error>(
        endIsMarked: Bool = false,
        isolation: isolated (any Actor)? = #isolation,
        from base: () async throws(Thrown) -> Base,
        observe: @escaping ModelStream<Base>.Observer = { _, _ in }
    ) async throws(Thrown) -> ModelStream<Base> {
        let made: Result<Base, Thrown> = await SpanHandle.$current.withValue(span) {
            do throws(Thrown) {
                return .success(try await base())
            } catch {
                return .failure(error)
            }
        }
        if case .failure(let error) = made { fail(error) }
        return ModelStream(try made.get(), self, endIsMarked: endIsMarked, observe)
    }
}
