import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording

/// The shipper's use of the spool, on its own thread.
extension Shipper {
    /// Writes the bodies that can be sent later to files; nil without a spool, or if the files cannot be written.
    func spooled(_ bodies: [Body], _ stretches: [LogStretch]) -> [SpoolFile?]? {
        guard let spool else { return nil }
        let kept = formats.indices.filter { formats[$0].isSpooled }
        guard !kept.isEmpty else { return nil }
        makeRoom(in: spool, for: kept.reduce(0) { $0 + bodies[$1].bytes.count })
        let stored = spool.store(
            kept.map { bodies[$0] },
            stretches: stretches,
            source: source,
            journal: recorder.journal,
            synchronously: destinations.contains(where: \.isFailing)
        ) { take(stretches, spanCount: bodies[0].spanCount) }
        switch stored {
        case .success(let files):
            problemLogged = false
            var result = [SpoolFile?](repeating: nil, count: bodies.count)
            for (file, position) in zip(files, kept) {
                spool.share(file, among: formats[position].spooling.count)
                result[position] = file
            }
            return result
        case .failure(let problem):
            if !problemLogged {
                problemLogged = true
                log(
                    .warning,
                    "spool: \(problem); spans are kept in memory instead; "
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

    /// Takes over the spans of processes that have ended.
    func adoptOrphans() {
        guard let spool, let format = formats.first(where: \.isSpooled), let encoding = format.format.encoding else {
            return
        }
        let inheritance = spool.adopt(
            encoder: { Self.encoder(format.format, $0, self.scope, self.redaction) },
            encoding: encoding,
            compressor: format.compressor,
            log: log
        )
        guard !inheritance.files.isEmpty else { return }
        let spans = inheritance.files.reduce(0) { $0 + $1.spanCount }
        state.change { $0.recovered += UInt64(spans) }
        let unfinished = inheritance.unfinishedSpans == 0 ? "" : " (\(inheritance.unfinishedSpans) unfinished)"
        log(
            .info,
            "spool: \(spans) \(spans == 1 ? "span" : "spans") of earlier processes\(unfinished) will be sent after the new ones"
        )
        let spooling = formats.flatMap(\.spooling)
        for file in inheritance.files {
            spool.share(file, among: spooling.count)
            for destination in spooling { destination.offer(Delivery(file, queued: .now), isReplay: true) }
        }
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
        return isFound
    }
}
