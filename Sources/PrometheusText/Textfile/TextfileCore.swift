import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording

/// The work of a ``TextfileWriter``, without its thread.
///
/// `work` is locked during a write, so that writes do not overlap. `counts` has its own lock, so that reading the
/// statistics never waits for a disk.
final class TextfileCore: Sendable {
    private let configuration: TextfileWriter.Configuration
    private let constantLabels: [Attribute]
    private let log: @Sendable (String) -> Void
    private let collect: @Sendable () -> [Metric]
    private let work = Locked(Work())
    private let counts = Locked(TextfileWriter.Statistics())

    private struct Work {
        var claim: NameClaim?
        var isFinished = false
        /// Failed attempts since the last success.
        var failuresInARow = 0
    }

    init(
        _ configuration: TextfileWriter.Configuration,
        log: @escaping @Sendable (String) -> Void,
        collect: @escaping @Sendable () -> [Metric]
    ) {
        var configuration = configuration
        // With an empty directory, the file would be written to the root directory.
        if configuration.directory.isEmpty { configuration.directory = "." }
        while configuration.directory.count > 1, configuration.directory.last == "/" {
            configuration.directory.removeLast()
        }
        self.configuration = configuration
        self.log = log
        self.collect = collect
        constantLabels = SpanMetrics.Configuration.checked(configuration.constantLabels)
    }

    var statistics: TextfileWriter.Statistics { counts.withLock { $0 } }

    func report(_ reason: String) {
        log("prometheus textfile \(configuration.directory): \(reason)")
    }

    /// Replaces the file. Returns false, and reports why, if that fails.
    @discardableResult
    func write() -> Bool {
        work.withLock { work in work.isFinished ? false : write(&work) }
    }

    /// Writes a last time, or removes the file, and releases its name. Later writes do nothing.
    func finish() {
        work.withLock { work in
            guard !work.isFinished else { return }
            if configuration.removesFileAtStop {
                do throws(SystemFailure) {
                    try work.claim?.file.remove()
                } catch {
                    fail("the file cannot be removed: \(error.advice(directory: configuration.directory))", &work)
                }
            } else {
                write(&work)
            }
            work.isFinished = true
            work.claim = nil
        }
    }

    @discardableResult
    private func write(_ work: inout Work) -> Bool {
        let file: AtomicFile
        do {
            let claim = try claim(&work)
            file = claim.file
            let bytes = try ExpositionText.encode(metrics(slot: claim.slot))
            try file.replace(with: bytes, synchronizes: configuration.synchronizes)
            succeed(bytes.count, file, &work)
            return true
        } catch let error as SystemFailure {
            // The directory may be replaced by another, for which the claim means nothing.
            work.claim = nil
            fail("cannot be written: \(error.advice(directory: configuration.directory))", &work)
        } catch {
            fail("the file was not written, because node_exporter could not serve all metrics in it: \(error)", &work)
        }
        return false
    }

    private func claim(_ work: inout Work) throws(SystemFailure) -> NameClaim {
        if let claim = work.claim { return claim }
        let directory = configuration.directory
        let claim: NameClaim
        if let name = configuration.fileName {
            claim = .unchecked(name, in: directory)
            if !name.hasSuffix(".prom") {
                report("'\(name)' does not end in .prom, so node_exporter does not read it; choose a name that does")
            }
        } else {
            claim = try .claim(TextfileName.name(forProcess: configuration.processName), in: directory)
        }
        work.claim = claim
        claim.file.removeLeftovers()
        if claim.slot > 1 {
            report(
                "another process with the name '\(configuration.processName)' writes into this directory, so this process writes \(claim.file.name)"
            )
        }
        return claim
    }

    private func metrics(slot: Int) -> [Metric] {
        let statistics = statistics
        let milliseconds = Double(UnixTime.nanoseconds() / 1_000_000)
        func counter(_ name: String, _ description: String, _ count: UInt64) -> Metric {
            Metric(
                "spankit.textfile.\(name)",
                description: description,
                unit: "{write}",
                kind: .sum(isMonotonic: true),
                points: [.init(.count(count))]
            )
        }
        let own = [
            Metric(
                "spankit.textfile.write.timestamp",
                description: "When this file was written; an old file is served for ever.",
                unit: "s",
                kind: .gauge,
                points: [.init(.double(milliseconds / 1_000))]
            ),
            counter("writes", "How often this file was written before.", statistics.writeCount),
            counter("failed_writes", "How often this file could not be written.", statistics.failureCount),
        ]
        return (collect() + own).map { labelled($0, slot: slot) }
    }

    /// Adds the constant labels to every point. A label that a point already has is kept.
    private func labelled(_ metric: Metric, slot: Int) -> Metric {
        let labels = slot > 1 ? constantLabels + [Attribute("slot", .string("\(slot)"))] : constantLabels
        return metric.with(
            metric.points.map { point in
                var point = point
                let own = point.attributes
                for label in labels where !own.contains(where: { MetricName.label(forAttribute: $0.key) == label.key })
                {
                    // Most points have few labels in order; keeping the order spares sorting them later.
                    let place = point.attributes.firstIndex { $0.key > label.key } ?? point.attributes.endIndex
                    point.attributes.insert(label, at: place)
                }
                return point
            }
        )
    }

    // MARK: Results

    private func succeed(_ byteCount: Int, _ file: AtomicFile, _ work: inout Work) {
        let path = file.path
        counts.withLock { counts in
            counts.writeCount += 1
            counts.lastByteCount = byteCount
            counts.lastFailure = nil
            counts.path = path
        }
        if work.failuresInARow > 0 {
            report(
                "\(file.name) was written after \(work.failuresInARow == 1 ? "1 failed attempt" : "\(work.failuresInARow) failed attempts")"
            )
        }
        work.failuresInARow = 0
    }

    private func fail(_ reason: String, _ work: inout Work) {
        let isNews = counts.withLock { counts in
            defer { counts.lastFailure = reason }
            counts.failureCount += 1
            return counts.lastFailure != reason
        }
        work.failuresInARow += 1
        if isNews { report(reason) }
    }
}
