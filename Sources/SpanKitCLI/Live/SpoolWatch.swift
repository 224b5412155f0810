import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording
import SpanKitReports
import SpanKitShipping

/// Looks at the processes that record into a spool, again and again, without touching anything there.
struct SpoolWatch {
    private struct Watched {
        var places = LogPlaces()
        var recent = RecentOperations()
    }

    let directory: String
    let processID: Int32?
    private var watched: [String: Watched] = [:]
    private var complaints: Set<String> = []
    /// As of the last look; of no interest where one process is.
    private(set) var leftBehind: LiveReport.LeftBehind

    /// - Parameter processID: the one process that is of interest; nil for all.
    init(directory: String, processID: Int32?) {
        self.directory = directory
        self.processID = processID
        leftBehind = LiveReport.LeftBehind(directory: directory)
    }

    /// What the processes are doing now.
    /// - Parameter now: Unix nanoseconds.
    mutating func look(at now: Int64) throws -> [LiveProcess] {
        var processes: [LiveProcess] = []
        leftBehind = LiveReport.LeftBehind(directory: directory)
        let folders = try SpoolReading(directory: directory).folders()
        for folder in folders {
            let path = "\(folder)/\(SpoolConfiguration.regionFileName)"
            guard FileSystem.exists(path) else {
                addLeftBehind(folder)
                continue
            }
            let region: RegionReader
            do { region = try RegionReader(path: path, isReadOnly: true) } catch {
                // Between two looks a process may come and go.
                if error != .unused, error != .system(ENOENT) { complain("\(path): \(SpoolReading.describe(error))") }
                continue
            }
            if let processID, region.processID != processID { continue }
            processes.append(look(at: region, folder, now))
        }
        for folder in watched.keys where !folders.contains(folder) { watched[folder] = nil }
        return processes.sorted { $0.createdUnixNanoseconds < $1.createdUnixNanoseconds }
    }

    private mutating func look(at region: RegionReader, _ folder: String, _ now: Int64) -> LiveProcess {
        var watched = self.watched[folder] ?? Watched()
        region.readEnded(since: &watched.places) { record in
            let times = record.header.unixTimes(record.anchor)
            watched.recent.add(
                name: record.name { region.text(of: $0) },
                start: times.start,
                end: times.end,
                isError: record.header.status == .error,
                now: now
            )
        }
        watched.recent.forget(before: now)
        self.watched[folder] = watched
        var open: [LiveProcess.OpenSpan] = []
        region.readOpenNow { record in
            let span = record.recordedSpan { region.text(of: $0) }
            open.append(
                LiveProcess.OpenSpan(
                    name: span.name,
                    traceID: span.context.traceID.description,
                    spanID: span.context.spanID.rawValue,
                    parentSpanID: span.parentSpanID?.rawValue ?? 0,
                    startUnixNanoseconds: span.startUnixNanoseconds,
                    details: FoldedDetails.text(of: span)
                )
            )
        }
        let (operations, seconds) = watched.recent.operations(at: now)
        var service = ""
        if case .string(let name) = Resource(attributes: region.resource)["service.name"] { service = name }
        let told = region.note.flatMap { AccountNote($0) }
        return LiveProcess(
            processID: region.processID,
            service: service,
            isRunning: isRunning(process: region.processID),
            createdUnixNanoseconds: region.createdUnixNanoseconds,
            openSpans: open,
            operations: operations,
            windowSeconds: seconds,
            waitingLogBytes: region.waitingLogBytes,
            waitingSpanCount: SpoolConfiguration.waitingSpanCount(inFolder: folder),
            destinations: told?.destinations.map(LiveProcess.Destination.init),
            queued: told.map { .init(log: $0.log, tailSampling: $0.tailSampling, encoding: $0.encoding) }
        )
    }

    /// A process that ended in order has no recording any more, and neither has one that redacts.
    private mutating func addLeftBehind(_ folder: String) {
        let number = SpoolConfiguration.processID(ofFolder: folder)
        guard processID == nil, let number, !isRunning(process: number) else { return }
        let count = SpoolConfiguration.waitingSpanCount(inFolder: folder)
        guard count > 0 else { return }
        leftBehind.spanCount += count
        leftBehind.processCount += 1
    }

    private mutating func complain(_ line: String) {
        if complaints.insert(line).inserted { TraceInput.note(line) }
    }
}

extension LiveProcess.Destination {
    fileprivate init(_ told: AccountNote.Destination) {
        self.init(
            name: told.name,
            exported: told.exported,
            waiting: told.waiting,
            files: told.files,
            inFlight: told.inFlight,
            isFailing: told.isFailing,
            dropped: told.dropped
        )
    }
}
