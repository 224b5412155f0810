import SpanKit
import SpanKitPlatform

/// The state of a streamed response, which an observer updates with each chunk.
public struct StreamProgress: Sendable, Hashable {
    /// What is known about the response. Set token counts to the last reported ones; do not add them, because providers report totals.
    public var response = ModelResponse()
    /// Whether the provider has marked the response as complete. If the consumer stops iterating after that, the call
    /// does not count as abandoned.
    public var isComplete = false
    /// Whether the current chunk is output of the model.
    ///
    /// It is true when the observer is called. Set it to false for a chunk without output, such as a ping or a usage
    /// report; the chunk is then not counted.
    public var isOutput = true
}

/// A streamed response that ends its call after the last chunk, on an error, on cancellation, or when its iterator is
/// released.
///
/// Create it with ``ModelCall/stream(_:endIsMarked:observe:)``. Elements and errors are passed through unchanged, and the token usage
/// known at the end is always recorded. The base stream runs in the call's span, so that spans of the provider's client become
/// children. Iterate it only once.
public struct ModelStream<Base: AsyncSequence>: AsyncSequence {
    /// The elements of the base stream.
    public typealias Element = Base.Element
    /// The error of the base stream.
    public typealias Failure = Base.Failure
    /// Updates the progress from a chunk.
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

    /// Creates the iterator. Times are measured from the start of the call.
    public func makeAsyncIterator() -> Iterator {
        Iterator(base: base.makeAsyncIterator(), end: StreamEnd(call), endIsMarked: endIsMarked, observe: observe)
    }

    /// The iterator over the chunks.
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

        /// Returns the next chunk, or nil after the last one.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(Failure) -> Element? {
            let element: Element?
            do {
                element = try await nextOfBase(isolation: actor)
            } catch {
                // A cancelled stream may fail with another error, but the reason is the cancellation.
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

        /// Gets the next chunk in the call's span, because some streams send their request only when the first chunk is
        /// read.
        private mutating func nextOfBase(isolation actor: isolated (any Actor)?) async throws(Failure) -> Element? {
            let result: Result<Element?, Failure> = await end.call.withSpan {
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
                // AsyncStream ends without an error when it is cancelled.
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

/// Ends the call when the last copy of an iterator is released.
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
    /// Returns a stream that passes on the chunks of `base`, records the response, and ends this call after the last chunk.
    ///
    /// The argument and every step of the stream run in the call's span. So the spans of an HTTP client that
    /// `client.stream(prompt)` uses become children of the call's span.
    /// - Parameters:
    ///   - base: the provider's stream.
    ///   - endIsMarked: whether the provider marks the end of a response (``StreamProgress/isComplete``). A stream that ends
    ///     without the mark then fails with ``ErrorType/incomplete``.
    ///   - observe: called with each chunk, in order, to update the progress.
    public func stream<Base: AsyncSequence>(
        _ base: @autoclosure () -> Base,
        endIsMarked: Bool = false,
        observe: @escaping ModelStream<Base>.Observer = { _, _ in }
    ) -> ModelStream<Base> {
        ModelStream(withSpan(base), self, endIsMarked: endIsMarked, observe)
    }

    /// Returns a stream that records the response, for a client that needs `await` or `try` to create its stream.
    ///
    /// Otherwise it is the same as ``stream(_:endIsMarked:observe:)``.
    /// - Parameters:
    ///   - endIsMarked: whether the provider marks the end of a response (``StreamProgress/isComplete``).
    ///   - isolation: the actor that runs the closure; the caller's by default.
    ///   - base: creates the provider's stream. If it throws, the call fails with that error, which is rethrown.
    ///   - observe: called with each chunk, in order, to update the progress.
    public func stream<Base: AsyncSequence, Thrown: Error>(
        endIsMarked: Bool = false,
        isolation: isolated (any Actor)? = #isolation,
        from base: () async throws(Thrown) -> Base,
        observe: @escaping ModelStream<Base>.Observer = { _, _ in }
    ) async throws(Thrown) -> ModelStream<Base> {
        let made: Result<Base, Thrown> = await withSpan {
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
