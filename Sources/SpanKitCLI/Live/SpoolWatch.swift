import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitPercentiles
import SpanKitPlatform
import SpanKitRecording
import SpanKitReports
import SpanKitShipping

/// Reads the state of the processes that record into a spool, repeatedly and without changing the spool.
struct SpoolWatch {
    private struct Watched {
        var places = LogPlaces()
        var recent = RecentOperations()
        var logs = RecentLogs()
    }

    let directory: String
    let processID: Int32?
    private var watched: [String: Watched] = [:]
    private var complaints: Set<String> = []
    /// The spans and log records of ended processes at the last call of ``look(at:)``; not counted if only one process is watched.
    private(set) var leftBehind: LiveReport.LeftBehind

    /// - Parameter processID: The only process to watch; `nil` for all.
    init(directory: String, processID: Int32?) {
        self.directory = directory
        self.processID = processID
        leftBehind = LiveReport.LeftBehind(directory: directory)
    }

    /// Reads the current state of the processes.
    /// - Parameter now: The current time in Unix nanoseconds.
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
                // A process may start or end at any moment.
                if error != .unused, error != .system(ENOENT) { complain("\(path): \(SpoolReading.describe(error))") }
                continue
            }
            if let processID, region.processID != processID { continue }
            processes.append(look(at: region, folder, now))
        }
        for counts in ProcessCounts.all(in: directory) where processID.map({ $0 == counts.processID }) ?? true {
            add(counts, to: &processes, now)
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
        let resource = Resource(attributes: region.resource)
        region.readLogRecords(since: &watched.places) { record in
            watched.logs.add(
                severity: record.header.severity,
                time: record.header.unixTimes(record.anchor).time,
                now: now,
                DecodedLog(resource: resource, record.copy { region.text(of: $0) })
            )
        }
        watched.recent.forget(before: now)
        watched.logs.forget(before: now)
        let logs = watched.logs.summary(at: now)
        self.watched[folder] = watched
        var open: [LiveProcess.OpenSpan] = []
        region.readOpenNow { record in
            let span = record.recordedSpan(texts: region.text, scopes: region.scope)
            open.append(
                LiveProcess.OpenSpan(
                    name: span.name,
                    traceID: span.context.traceID.description,
                    spanID: span.context.spanID.rawValue,
                    parentSpanID: span.parentSpanID?.rawValue ?? 0,
                    startUnixNanoseconds: span.startUnixNanoseconds,
                    details: FoldedDetails.text(of: span),
                    attributes: JSONText(span.attributes)
                )
            )
        }
        let (operations, seconds) = watched.recent.operations(at: now)
        return LiveProcess(
            processID: region.processID,
            service: resource.serviceName,
            isRunning: isRunning(process: region.processID),
            createdUnixNanoseconds: region.createdUnixNanoseconds,
            openSpans: open,
            operations: operations,
            windowSeconds: seconds,
            waitingLogBytes: region.waitingLogBytes,
            waitingSpanCount: SpoolConfiguration.waitingCount(of: .traces, inFolder: folder),
            waitingLogRecordCount: SpoolConfiguration.waitingCount(of: .logs, inFolder: folder),
            logs: logs,
            account: region.note.flatMap { AccountNote($0) }
        )
    }

    /// Adds the metrics of a process, which may record no spans.
    private func add(_ counts: ProcessCounts, to processes: inout [LiveProcess], _ now: Int64) {
        let place = processes.firstIndex { $0.processID == counts.processID } ?? processes.count
        if place == processes.count {
            let (operations, seconds) = RecentOperations().operations(at: now)
            processes.append(
                LiveProcess(
                    processID: counts.processID,
                    service: counts.resource.serviceName,
                    isRunning: isRunning(process: counts.processID),
                    createdUnixNanoseconds: counts.createdUnixNanoseconds,
                    openSpans: [],
                    operations: operations,
                    windowSeconds: seconds,
                    waitingLogBytes: 0,
                    waitingSpanCount: 0
                )
            )
        }
        processes[place].lostSeries += counts.lostSeries
        for var metric in counts.metrics {
            for point in metric.points.indices { metric.points[point].time = now }
            processes[place].metrics.add(
                DecodedMetric(resource: counts.resource, scope: counts.scope, metric: metric)
            )
        }
    }

    /// Counts the spans and log records of an ended process. A process that shut down properly, or that redacts, leaves no recording.
    private mutating func addLeftBehind(_ folder: String) {
        let number = SpoolConfiguration.processID(ofFolder: folder)
        guard processID == nil, let number, !isRunning(process: number) else { return }
        let spans = SpoolConfiguration.waitingCount(of: .traces, inFolder: folder)
        let logRecords = SpoolConfiguration.waitingCount(of: .logs, inFolder: folder)
        guard spans + logRecords > 0 else { return }
        leftBehind.spanCount += spans
        leftBehind.logRecordCount += logRecords
        leftBehind.processCount += 1
    }

    private mutating func complain(_ line: String) {
        if complaints.insert(line).inserted { StandardStreams.note(line) }
    }
}
