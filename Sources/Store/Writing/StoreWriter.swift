import GRDB
import SpanKitPlatform

/// The only thread that changes a store.
///
/// Requests wait in a queue. The thread takes all that wait, up to 2,000 elements or 4 MiB, writes them in one transaction, and then
/// answers all of them (group commit): the slower the disk, the larger the transactions. A caller is answered after its transaction was
/// committed to SQLite's write-ahead log, so that no acknowledged span is lost if the process is killed.
final class StoreWriter: Sendable {
    private struct Job: Sendable {
        var request: OTLPRequest
        var answer: CheckedContinuation<Void, any Error>
    }

    /// What only the thread uses.
    private struct Work {
        let writer: BatchWriter
        let eviction: Eviction
    }

    private struct Queue: Sendable {
        var jobs: [Job] = []
        var isClosing = false
        var hasEnded = false
    }

    private static let elementLimit = 2_000
    private static let byteLimit = 4 * 1_024 * 1_024

    private let pool: DatabasePool
    private let queue = Monitor(Queue())
    /// The counts after the last commit.
    let counts: Locked<StoreCounts>
    /// Increases with every commit that changed something.
    let revision = Locked(0)
    /// How many spans arrive.
    let rate = Locked(RecentRate())

    init(_ pool: DatabasePool, _ counts: StoreCounts, _ limits: StoreLimits) throws {
        self.pool = pool
        self.counts = Locked(counts)
        let work = try pool.writeWithoutTransaction {
            Locked<UnsafeTransfer<Work>?>(
                UnsafeTransfer(Work(writer: try BatchWriter($0), eviction: try Eviction($0, limits)))
            )
        }
        let thread = Thread("spankit-store") { [self] in
            // The statements are freed before the end is noted, because SQLite closes no file with open statements.
            run(work)
            queue.change { $0.hasEnded = true }
        }
        guard thread != nil else {
            throw StoreError.refused("a thread could not be created; check the limits of the process (ulimit -a)")
        }
    }

    /// Adds a request and waits until it is committed.
    func write(_ request: OTLPRequest) async throws {
        try await withCheckedThrowingContinuation { (answer: CheckedContinuation<Void, any Error>) in
            let isOpen = queue.change { queue in
                guard !queue.isClosing else { return false }
                queue.jobs.append(Job(request: request, answer: answer))
                return true
            }
            if !isOpen { answer.resume(throwing: StoreError.closed) }
        }
    }

    /// Refuses further requests, and waits until those in the queue are committed.
    func close() {
        queue.change { $0.isClosing = true }
        queue.wait(until: nil) { $0.hasEnded ? () : nil }
    }

    private func run(_ work: Locked<UnsafeTransfer<Work>?>) {
        guard let work = work.withLock({ $0.take() })?.value else { return }
        let (writer, eviction) = (work.writer, work.eviction)
        var nextEviction = ContinuousClock.now
        while true {
            let jobs = queue.wait(until: nextEviction, Self.take)
            if let jobs {
                guard !jobs.isEmpty else { break }
                let outcome = Result { try commit(jobs, writer) }
                for job in jobs { job.answer.resume(with: outcome) }
            }
            guard jobs == nil || ContinuousClock.now >= nextEviction else { continue }
            // A slice between two batches, until the limits are kept.
            let hasRemoved = evict(eviction, writer)
            nextEviction = .now.advanced(by: hasRemoved ? .zero : jobs == nil ? .seconds(30) : .milliseconds(200))
        }
    }

    /// - Returns: Whether there may be more to remove.
    private func evict(_ eviction: Eviction, _ writer: BatchWriter) -> Bool {
        let removed = try? pool.write { database -> StoreCounts? in
            guard let removed = try eviction.removeSlice(database, now: UnixTime.nanoseconds()) else { return nil }
            try writer.count(removed)
            return removed
        }
        guard let removed = removed ?? nil else { return false }
        counts.withLock { $0 = $0 + removed }
        revision.withLock { $0 += 1 }
        return true
    }

    /// The next jobs; an empty list at the end; nil to wait.
    private static func take(_ queue: inout Queue) -> [Job]? {
        guard !queue.jobs.isEmpty else { return queue.isClosing ? [] : nil }
        var elements = 0
        var bytes = 0
        var count = 0
        for job in queue.jobs {
            elements += job.request.acceptedCount
            bytes += job.request.body.count
            if count > 0, elements > elementLimit || bytes > byteLimit { break }
            count += 1
        }
        defer { queue.jobs.removeFirst(count) }
        return Array(queue.jobs.prefix(count))
    }

    private func commit(_ jobs: [Job], _ writer: BatchWriter) throws {
        let now = UnixTime.nanoseconds()
        do {
            let change = try pool.write { _ in
                for job in jobs { try writer.add(job.request, now: now) }
                return try writer.finish(now: now)
            }
            counts.withLock { $0 = $0 + change }
            revision.withLock { $0 += 1 }
            rate.withLock { $0.add(change.receivedSpans, second: now / 1_000_000_000) }
        } catch {
            writer.forget()
            throw error as? StoreError ?? StoreError.failed("SQLite: \(error)")
        }
    }
}

/// Carries a value to the only thread that uses it from then on.
struct UnsafeTransfer<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}
