import SpanKitRecording

/// What a process that records into a file tells there about its export, once a second, to whoever looks from outside.
///
/// Lines of a word and what belongs to it, so that a later release can add some:
///
///     created 1200
///     log 90
///     tailsampling 10
///     encoding 0
///     to traces → http://localhost:4318/v1/traces
///     exported 700
///     waiting 188
///     files 100
///     inflight 200
///     failing
///     dropped queue_full 12
///
/// The lines after `to` belong to that destination; `waiting` includes `files`.
package struct AccountNote: Sendable, Equatable {
    /// What one destination makes of the spans.
    package struct Destination: Sendable, Equatable {
        package var name: String
        package var exported: UInt64 = 0
        /// Spans in bodies that wait, in memory or in the spool.
        package var waiting: UInt64 = 0
        /// Of the waiting ones: those in files of the spool.
        package var files: UInt64 = 0
        /// Spans in requests that have no answer yet.
        package var inFlight: UInt64 = 0
        /// Nobody takes its bodies at the moment.
        package var isFailing = false
        /// By reason, as ``DropReason/name`` has it.
        package var dropped: [String: UInt64] = [:]

        package init(name: String) {
            self.name = name
        }
    }

    /// As ``ShippingAccount/created``.
    package var created: UInt64 = 0
    /// As ``ShippingAccount/Waiting/log``.
    package var log: UInt64 = 0
    /// As ``ShippingAccount/Waiting/tailSampling``.
    package var tailSampling: UInt64 = 0
    /// As ``ShippingAccount/Waiting/encoding``.
    package var encoding: UInt64 = 0
    package var destinations: [Destination] = []

    package init() {}

    /// Reads a note, as far as it can be understood; nil for what is none.
    package init?(_ bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard lines.first?.hasPrefix("created ") == true else { return nil }
        for line in lines {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard let word = parts.first else { continue }
            let rest = parts.count > 1 ? parts[1] : ""
            if word == "to" {
                destinations.append(Destination(name: String(rest)))
            } else if let last = destinations.indices.last {
                destinations[last].read(word, rest)
            } else {
                read(word, UInt64(rest) ?? 0)
            }
        }
    }

    private mutating func read(_ word: Substring, _ count: UInt64) {
        switch word {
        case "created": created = count
        case "log": log = count
        case "tailsampling": tailSampling = count
        case "encoding": encoding = count
        default: break
        }
    }

    /// The lines; destinations beyond what a note can hold are left out.
    package var bytes: [UInt8] {
        let lines = "created \(created)\nlog \(log)\ntailsampling \(tailSampling)\nencoding \(encoding)\n"
        var bytes = Array(lines.utf8)
        for destination in destinations {
            let more = Array(destination.lines.utf8)
            if bytes.count + more.count <= RegionNote.capacity { bytes += more }
        }
        return bytes
    }
}

extension AccountNote.Destination {
    fileprivate mutating func read(_ word: Substring, _ rest: Substring) {
        switch word {
        case "exported": exported = UInt64(rest) ?? 0
        case "waiting": waiting = UInt64(rest) ?? 0
        case "files": files = UInt64(rest) ?? 0
        case "inflight": inFlight = UInt64(rest) ?? 0
        case "failing": isFailing = true
        case "dropped":
            let parts = rest.split(separator: " ")
            if parts.count == 2, let count = UInt64(parts[1]) { dropped[String(parts[0])] = count }
        default: break
        }
    }

    fileprivate var lines: String {
        // A name holds a URL of any length, and what it must not hold is a line of its own.
        let name = String(name.map { $0.isNewline ? " " : $0 }.prefix(200))
        var text = "to \(name)\nexported \(exported)\nwaiting \(waiting)\nfiles \(files)\ninflight \(inFlight)\n"
        if isFailing { text += "failing\n" }
        for (reason, count) in dropped.sorted(by: { $0.key < $1.key }) { text += "dropped \(reason) \(count)\n" }
        return text
    }
}

extension Shipper {
    /// Tells whoever looks at the region what becomes of the spans.
    func leaveNote() {
        let account = account()
        var note = AccountNote()
        note.created = account.created
        if let shared = account.destinations.first?.waiting {
            (note.log, note.tailSampling, note.encoding) = (shared.log, shared.tailSampling, shared.encoding)
        }
        note.destinations = zip(account.destinations, destinations).map { told, destination in
            var result = AccountNote.Destination(name: told.name)
            result.exported = told.exported
            result.waiting = told.waiting.memory + told.waiting.files
            result.files = told.waiting.files
            result.inFlight = told.inFlight
            result.isFailing = destination.isFailing
            for (reason, count) in told.dropped { result.dropped[reason.name, default: 0] += count }
            return result
        }
        recorder.leaveNote(note.bytes)
    }
}
