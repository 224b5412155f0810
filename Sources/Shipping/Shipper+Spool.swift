import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// The shipper's use of the spool, on its own thread.
extension Shipper {
    /// Writes the bodies that can be sent later to files; nil without a spool, or if the files cannot be written.
    func spooled(_ bodies: [Body], _ stretches: [LogStretch], _ lane: Lane) -> [SpoolFile?]? {
        guard let spool else { return nil }
        let formats = lane.formats
        let kept = formats.indices.filter { formats[$0].isSpooled }
        guard !kept.isEmpty else { return nil }
        makeRoom(in: spool, for: kept.reduce(0) { $0 + bodies[$1].bytes.count })
        let stored = spool.store(
            kept.map { bodies[$0] },
            stretches: stretches,
            source: lane.feed.source,
            journal: recorder.journal,
            synchronously: lane.destinations.contains(where: \.isFailing)
        ) { lane.take(stretches, count: bodies[0].spanCount) }
        switch stored {
        case .success(let files):
            lane.problemLogged = false
            var result = [SpoolFile?](repeating: nil, count: bodies.count)
            for (file, position) in zip(files, kept) {
                spool.share(file, among: formats[position].spooling.count)
                result[position] = file
            }
            return result
        case .failure(let problem):
            if !lane.problemLogged {
                lane.problemLogged = true
                log(
                    .warning,
                    "spool: \(problem); \(lane.signal.noun)s are kept in memory instead; "
                        + "check the spool's permissions and free space"
                )
            }
            return nil
        }
    }

    /// Marks the process as alive in the region and, once a second, writes an ``AccountNote``.
    func tellOthers() {
        guard spool != nil else { return }
        recorder.noteAlive()
        guard nextNote <= .now else { return }
        nextNote = .now.advanced(by: .seconds(1))
        leaveNote()
    }

    /// Takes over the spans and log records of processes that have ended.
    func adoptOrphans() {
        guard let spool, let formats = recoveryFormats() else { return }
        let inheritance = spool.adopt(formats, log: log)
        guard !inheritance.files.isEmpty else { return }
        for signal in [OTLPSignal.traces, .logs] {
            let files = inheritance.files.filter { $0.signal == signal }
            guard !files.isEmpty else { continue }
            let count = files.reduce(0) { $0 + $1.spanCount }
            guard let lane = lane(signal), lane.formats.contains(where: \.isSpooled) else {
                unclaimed += files
                log(
                    .warning,
                    "spool: \(signal.count(count)) of earlier processes \(count == 1 ? "waits" : "wait") in \(spool.directory), because this process does not export \(signal.noun)s; a process that does will send them"
                )
                continue
            }
            lane.counts.withLock { $0.recovered += UInt64(count) }
            let unfinished = inheritance.unfinishedSpans
            let note = signal == .traces && unfinished > 0 ? " (\(unfinished) unfinished)" : ""
            log(.info, "spool: \(signal.count(count)) of earlier processes\(note) will be sent after the new ones")
            let spooling = lane.formats.flatMap(\.spooling)
            for file in files {
                spool.share(file, among: spooling.count)
                for destination in spooling { destination.offer(Delivery(file, queued: .now), isReplay: true) }
            }
        }
    }

    /// The formats of the first destinations that can send later, for records that no process is left to encode. If a signal is not
    /// exported, its records get the format of the other.
    private func recoveryFormats() -> Spool.RecoveryFormats? {
        func format(_ signal: OTLPSignal) -> Lane.Format? { lane(signal)?.formats.first(where: \.isSpooled) }
        guard let spans = format(.traces) ?? format(.logs), let logs = format(.logs) ?? format(.traces),
            let spanEncoding = spans.format.encoding, let logEncoding = logs.format.encoding
        else { return nil }
        let (scope, redaction) = (scope, redaction)
        return Spool.RecoveryFormats(
            spans: .init(encoding: spanEncoding, compressor: spans.compressor) {
                Self.encoder(spans.format, $0, scope, redaction)
            },
            logRecords: .init(encoding: logEncoding, compressor: logs.compressor) {
                Self.logEncoder(logs.format, $0, scope, redaction)
            }
        )
    }

    private func makeRoom(in spool: Spool, for bytes: Int) {
        while spool.bytes + bytes > spool.configuration.maximumBytes {
            guard dropOldestFile(in: spool, .spoolFull, where: { _ in true }) else { return }
        }
    }

    func expireFiles() {
        guard let spool else { return }
        let oldest = UnixTime.seconds() - Int64(clamping: spool.configuration.keepsFor.components.seconds)
        while dropOldestFile(
            in: spool,
            .spoolExpired,
            where: { (FileSystem.attributes($0.path)?.changed ?? .max) < oldest }
        ) {}
    }

    private func dropOldestFile(in spool: Spool, _ reason: DropReason, where condition: (SpoolFile) -> Bool) -> Bool {
        var isFound = false
        for destination in destinations {
            guard let file = destination.dropOldestFile(reason, where: condition) else { continue }
            isFound = true
            spool.remove(file)
        }
        if !isFound, let position = unclaimed.firstIndex(where: condition) {
            let file = unclaimed.remove(at: position)
            log(
                .warning,
                "spool: \(file.signal.count(file.spanCount)) of an earlier process dropped (\(reason.name)), because no process has exported \(file.signal.noun)s"
            )
            isFound = true
            spool.remove(file)
        }
        return isFound
    }
}
