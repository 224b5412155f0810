import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording

/// What a textfile writer does, apart from when.
///
/// `work` is held during a write, so that two writes follow each other; `counts` only for a moment, so that whoever
/// reads the statistics never waits for a disk.
final class TextfileCore: Sendable {
    private let configuration: TextfileWriter.Configuration
    private let constantLabels: [Attribute]
    private let log: @Sendable (String) -> Void
    private let collect: @Sendable () -> [Metric]
    private let work = Locked(Work())
    private let counts = Locked(TextfileWriter.Statistics())

    private struct Work {
        var claim: NameClaim?
        /// The families that were there when the files of others were last read, and how many writes ago that was.
        var knownFamilies: Set<String> = []
        var writesSinceLook = 0
        /// What has been said of the files of others.
        var saidConflicts: Set<String> = []
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
        // Otherwise the file would land in the root directory.
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

    /// Puts a new file in place, or says why it cannot; false then.
    @discardableResult
    func write() -> Bool {
        work.withLock { work in work.isFinished ? false : write(&work) }
    }

    /// The last write, or the removal. Nothing is written afterwards, and the name is free for others.
    func finish() {
        work.withLock { work in
            guard !work.isFinished else { return }
            if configuration.removesFileAtStop {
                do throws(SystemFailure) {
                    try work.claim?.file.remove()
                } catch {
                    fail("the file stays: \(error.advice(directory: configuration.directory))", &work)
                }
            } else {
                write(&work)
            }
            work.isFinished = true
            work.claim = nil
        }
    }

    /// An hour with the default interval.
    private static let writesBetweenLooks = 240

    @discardableResult
    private func write(_ work: inout Work) -> Bool {
        let file: AtomicFile
        do {
            let claim = try claim(&work)
            file = claim.file
            let metrics = metrics(slot: claim.slot)
            let bytes = try ExpositionText.encode(metrics)
            try file.replace(with: bytes, synchronizes: configuration.synchronizes)
            succeed(bytes.count, file, &work)
            lookAround(bytes, Set(metrics.lazy.filter { !$0.points.isEmpty }.map(MetricName.family(of:))), file, &work)
            return true
        } catch let error as SystemFailure {
            // The directory may come back as another one, where the claim is worth nothing.
            work.claim = nil
            fail("cannot be written: \(error.advice(directory: configuration.directory))", &work)
        } catch {
            fail("not written, because it would not be served as a whole: \(error)", &work)
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
                report("'\(name)' does not end with .prom; node_exporter does not read it")
            }
        } else {
            claim = try .claim(TextfileName.name(forProcess: configuration.processName), in: directory)
        }
        work.claim = claim
        claim.file.removeLeftovers()
        if claim.slot > 1 {
            report("another process writes for '\(configuration.processName)'; this one writes \(claim.file.name)")
        }
        return claim
    }

    private func metrics(slot: Int) -> [Metric] {
        let statistics = statistics
        let milliseconds = Double(UnixTime.nanoseconds() / 1_000_000)
        func own(
            _ name: String,
            _ description: String,
            _ unit: String,
            _ kind: Metric.Kind,
            _ value: Metric.Value
        ) -> Metric {
            Metric("spankit.textfile.\(name)", description: description, unit: unit, kind: kind, points: [.init(value)])
        }
        var metrics = collect()
        metrics += [
            own(
                "write.timestamp",
                "When this file was written; an old file is served for ever.",
                "s",
                .gauge,
                .double(milliseconds / 1_000)
            ),
            own(
                "writes",
                "How often this file was written before.",
                "{write}",
                .sum(isMonotonic: true),
                .count(statistics.writeCount)
            ),
            own(
                "failed_writes",
                "How often this file could not be written.",
                "{write}",
                .sum(isMonotonic: true),
                .count(statistics.failureCount)
            ),
        ]
        return metrics.map { labelled($0, slot: slot) }
    }

    /// On every point the labels that tell this process from others; one that is there already stays as it is.
    private func labelled(_ metric: Metric, slot: Int) -> Metric {
        let labels = slot > 1 ? constantLabels + [Attribute("slot", .string("\(slot)"))] : constantLabels
        return metric.with(
            metric.points.map { point in
                let own = point.attributes.map { MetricName.label(forAttribute: $0.key) }
                return Metric.Point(point.value, attributes: point.attributes + labels.filter { !own.contains($0.key) })
            }
        )
    }

    // MARK: What is said

    private func succeed(_ byteCount: Int, _ file: AtomicFile, _ work: inout Work) {
        let path = file.path
        counts.withLock { counts in
            counts.writeCount += 1
            counts.lastByteCount = byteCount
            counts.lastFailure = nil
            counts.path = path
        }
        if work.failuresInARow > 0 {
            report("\(file.name) is written again after \(work.failuresInARow) failed attempts")
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

    /// Says, each thing once, what of ours the files of others make node_exporter drop.
    ///
    /// Looks when a family is new, as all those about spans are after the first span, and now and then, because files of others
    /// come later.
    private func lookAround(_ bytes: [UInt8], _ families: Set<String>, _ file: AtomicFile, _ work: inout Work) {
        work.writesSinceLook += 1
        guard file.name.hasSuffix(".prom"),
            !families.isSubset(of: work.knownFamilies) || work.writesSinceLook >= Self.writesBetweenLooks
        else { return }
        work.knownFamilies.formUnion(families)
        work.writesSinceLook = 0
        let others = FileSystem.names(in: configuration.directory)
            .filter { $0.hasSuffix(".prom") && $0 != file.name }
            .prefix(100)
        var texts = [(file: file.name, text: bytes)]
        for name in others {
            guard let text = try? FileSystem.read("\(configuration.directory)/\(name)", limit: 1 << 22).get()
            else { continue }
            texts.append((name, text))
        }
        for conflict in ExpositionText.conflicts(in: texts, about: families)
        where conflict.files.contains(file.name) {
            if work.saidConflicts.insert("\(conflict)").inserted { report("\(conflict)") }
        }
    }
}
