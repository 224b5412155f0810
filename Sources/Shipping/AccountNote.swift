import SpanKitRecording

/// The state of a process's export, written once a second into its region file for other processes to read.
///
/// The note consists of lines with a word and a value, so that later releases can add lines:
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
///     signal logs
///     created 50
///
/// The lines after `to` belong to that destination; `waiting` includes `files`. The lines after `signal` are about log records, in the
/// same form.
package struct AccountNote: Sendable, Equatable {
    /// The spans of one destination.
    package struct Destination: Sendable, Equatable {
        package var name: String
        package var exported: UInt64 = 0
        /// Spans in request bodies that wait to be sent, in memory or in the spool.
        package var waiting: UInt64 = 0
        /// The spans of ``waiting`` that are in files of the spool.
        package var files: UInt64 = 0
        /// Spans in requests that have no response yet.
        package var inFlight: UInt64 = 0
        /// Whether its receiver is unavailable.
        package var isFailing = false
        /// Dropped spans by ``DropReason/name``.
        package var dropped: [String: UInt64] = [:]

        package init(name: String) {
            self.name = name
        }

        fileprivate static let words: KeyValuePairs<String, WritableKeyPath<Self, UInt64> & Sendable> = [
            "exported": \.exported, "waiting": \.waiting, "files": \.files, "inflight": \.inFlight,
        ]
    }

    /// See ``ShippingAccount/created``.
    package var created: UInt64 = 0
    /// See ``ShippingAccount/Waiting/log``.
    package var log: UInt64 = 0
    /// See ``ShippingAccount/Waiting/tailSampling``.
    package var tailSampling: UInt64 = 0
    /// See ``ShippingAccount/Waiting/encoding``.
    package var encoding: UInt64 = 0
    package var destinations: [Destination] = []
    /// The state of the export of log records; empty if they are not exported.
    package var logs: [AccountNote] = []

    private static let words: KeyValuePairs<String, WritableKeyPath<Self, UInt64> & Sendable> = [
        "created": \.created, "log": \.log, "tailsampling": \.tailSampling, "encoding": \.encoding,
    ]

    package init() {}

    /// Reads a note and ignores lines that are not understood; nil if the bytes are not a note.
    package init?(_ bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard lines.first?.hasPrefix("created ") == true else { return nil }
        if let start = lines.firstIndex(of: "signal logs") {
            self.init(lines[..<start])
            logs = [AccountNote(lines[(start + 1)...])]
        } else {
            self.init(lines[...])
        }
    }

    private init(_ lines: ArraySlice<Substring>) {
        for line in lines {
            let word = line.prefix { $0 != " " }
            let value = line.dropFirst(word.count + 1)
            if word == "to" {
                destinations.append(Destination(name: String(value)))
            } else if let last = destinations.indices.last {
                destinations[last].read(word, value)
            } else if let count = Self.words.first(where: { $0.key == word })?.value {
                self[keyPath: count] = UInt64(value) ?? 0
            }
        }
    }

    /// The lines as UTF-8. Destinations beyond the capacity of a note are left out.
    package var bytes: [UInt8] {
        var bytes = Self.words.flatMap { "\($0.key) \(self[keyPath: $0.value])\n".utf8 }
        for more in destinations.map(\.lines)
            + logs.map({ "signal logs\n" + String(decoding: $0.bytes, as: UTF8.self) })
        {
            if bytes.count + more.utf8.count <= RegionNote.capacity { bytes += more.utf8 }
        }
        return bytes
    }
}

extension AccountNote.Destination {
    fileprivate mutating func read(_ word: Substring, _ value: Substring) {
        let parts = value.split(separator: " ")
        if word == "failing" {
            isFailing = true
        } else if word == "dropped" {
            if parts.count == 2, let count = UInt64(parts[1]) { dropped[String(parts[0])] = count }
        } else if let count = Self.words.first(where: { $0.key == word })?.value {
            self[keyPath: count] = UInt64(value) ?? 0
        }
    }

    fileprivate var lines: String {
        // A name contains a URL of any length, and must not contain a line break.
        var text = "to \(String(name.map { $0.isNewline ? " " : $0 }.prefix(200)))\n"
        for (word, count) in Self.words { text += "\(word) \(self[keyPath: count])\n" }
        if isFailing { text += "failing\n" }
        for (reason, count) in dropped.sorted(by: { $0.key < $1.key }) { text += "dropped \(reason) \(count)\n" }
        return text
    }
}

extension Shipper {
    /// Writes the note into the region.
    func leaveNote() {
        var note = note(of: .traces)
        if lane(.logs) != nil { note.logs = [self.note(of: .logs)] }
        recorder.leaveNote(note.bytes)
    }

    private func note(of signal: OTLPSignal) -> AccountNote {
        let account = account(of: signal)
        var note = AccountNote()
        note.created = account.created
        if let shared = account.destinations.first?.waiting {
            (note.log, note.tailSampling, note.encoding) = (shared.log, shared.tailSampling, shared.encoding)
        }
        note.destinations = zip(account.destinations, lane(signal)?.destinations ?? []).map { told, destination in
            var result = AccountNote.Destination(name: told.name)
            result.exported = told.exported
            result.waiting = told.waiting.memory + told.waiting.files
            result.files = told.waiting.files
            result.inFlight = told.inFlight
            result.isFailing = destination.isFailing
            for (reason, count) in told.dropped { result.dropped[reason.name, default: 0] += count }
            return result
        }
        return note
    }
}
