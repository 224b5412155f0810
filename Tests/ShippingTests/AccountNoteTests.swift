import Foundation
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("The account note in a region", .generousTimeLimit)
struct AccountNoteTests {
    private let folder = TemporaryFolder()

    private static func note(destinations: Int = 1) -> AccountNote {
        var note = AccountNote()
        note.created = 1_200
        note.destinations = (0..<destinations).map { number in
            var one = AccountNote.Destination(name: "traces → http://localhost:\(4_318 + number)/v1/traces")
            one.exported = 700
            one.waiting = 288
            one.inFlight = 200
            one.isFailing = number == 0
            one.dropped = ["queue_full": 12, "503": 1]
            return one
        }
        return note
    }

    @Test("a note is read as it was written, and unknown lines are ignored")
    func roundTrip() {
        let note = Self.note(destinations: 2)
        #expect(AccountNote(note.bytes) == note)
        #expect(AccountNote(note.bytes + Array("future 1 2 3\nretries\ndropped odd\n".utf8)) == note)
        #expect(AccountNote(Array("something else".utf8)) == nil)
        #expect(AccountNote([0xFF, 0xFE]) == nil)
    }

    @Test("log records have a separate part of the note, which earlier versions ignore")
    func logs() throws {
        var note = Self.note()
        var logs = AccountNote()
        logs.created = 50
        logs.destinations = [.init(name: "logs → http://localhost:4318/v1/logs")]
        logs.destinations[0].exported = 40
        note.logs = [logs]
        #expect(AccountNote(note.bytes) == note)
        let read = try #require(AccountNote(note.bytes))
        #expect(read.created == 1_200 && read.destinations.count == 1)
    }

    @Test("destinations beyond the capacity are left out completely")
    func tooMany() throws {
        let bytes = Self.note(destinations: 100).bytes
        #expect(bytes.count <= RegionNote.capacity)
        let read = try #require(AccountNote(bytes))
        #expect(read.destinations.count > 5)
        #expect(read.destinations == Array(Self.note(destinations: 100).destinations.prefix(read.destinations.count)))
        var odd = AccountNote()
        odd.destinations = [.init(name: "first\nexported 99\n" + String(repeating: "x", count: 5_000))]
        #expect(AccountNote(odd.bytes)?.destinations.map(\.exported) == [0], "a name is one line")
    }

    @Test("a missing or torn note is nil")
    func damaged() throws {
        defer { folder.remove() }
        let path = folder.path("region")
        var configuration = RecordingConfiguration()
        configuration.logBytes = 1 << 20
        let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
        let recorder = try #require(Recorder.make(configuration, file: descriptor))
        func read() throws -> AccountNote? {
            try RegionReader(path: path, isReadOnly: true).note.flatMap { AccountNote($0) }
        }
        recorder.begin("work").end()
        #expect(try read() == nil)
        recorder.leaveNote(Self.note().bytes)
        #expect(try read() == Self.note())
        let other = open(path, O_RDWR)
        defer { close(other) }
        for place in [2_112, 2_114, 2_117, 2_125, 2_200] {
            var byte: UInt8 = 0
            pread(other, &byte, 1, off_t(place))
            var damaged = byte ^ 0x5A
            pwrite(other, &damaged, 1, off_t(place))
            #expect(try read() == nil, "byte \(place)")
            pwrite(other, &byte, 1, off_t(place))
        }
        #expect(try read() == Self.note())
        recorder.leaveNote([UInt8](repeating: 1, count: RegionNote.capacity + 1))
        #expect(try read() == nil, "no note rather than an old one")
    }

    @Test("a concurrent reader gets one complete note or none")
    func concurrently() throws {
        defer { folder.remove() }
        let path = folder.path("region")
        var configuration = RecordingConfiguration()
        configuration.logBytes = 1 << 20
        let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
        let recorder = try #require(Recorder.make(configuration, file: descriptor))
        recorder.begin("work").end()
        let (isOver, hasEnded) = (Locked(false), Locked(false))
        defer { isOver.withLock { $0 = true } }
        OperatingSystemThread.start {
            var number = 0
            repeat {
                recorder.leaveNote([UInt8](repeating: UInt8(number % 250 + 1), count: 100 + number % 1_500))
                number += 1
            } while !isOver.withLock { $0 }
            hasEnded.withLock { $0 = true }
        }
        let region = try RegionReader(path: path, isReadOnly: true)
        var seen: Set<UInt8> = []
        func look() -> Int {
            for _ in 0..<1_000 {
                guard let note = region.note else { continue }
                seen.insert(note[0])
                if !note.allSatisfy({ $0 == note[0] }) { Issue.record("half a note") }
            }
            return seen.count
        }
        try eventually("100 different notes are seen", look()) { $0 >= 100 }
        isOver.withLock { $0 = true }
        try eventually("the last note is written", hasEnded.withLock { $0 }) { $0 }
        #expect(region.note != nil)
    }

    @Test("with an unreachable receiver, the note contains the waiting and dropped spans of the account")
    func ofShipper() throws {
        defer { folder.remove() }
        let closed = try RefusedPort()
        var settings = BatchSettings.quick
        settings.maximumSpans = 100
        var spool = SpoolConfiguration(directory: folder.path("spool"))
        spool.maximumBytes = 20_000
        let run = try ShippingRun([.otlp(OTLPExporter(url: "\(closed.url)/v1/traces"))], batch: settings, spool: spool)
        defer { run.shutdown(.seconds(1)) }
        run.record(5_000)
        let own = try #require(FileSystem.names(in: folder.path("spool")).first)
        func note() throws -> AccountNote? {
            try RegionReader(path: folder.path("spool/\(own)/region"), isReadOnly: true).note.flatMap {
                AccountNote($0)
            }
        }
        let last = try eventually("the note tells what the account does", try note()) { note in
            guard let told = note?.destinations.first else { return false }
            let account = run.shipper.account().destinations[0]
            return note?.created == 5_000 && told.isFailing && told.waiting > 0
                && told.dropped["spool_full"] == account.dropped[.spoolFull]
        }
        let told = try #require(last?.destinations.first)
        #expect(told.name == "traces → \(closed.url)/v1/traces")
        #expect(told.isFailing)
        #expect(told.exported == 0)
        #expect((told.dropped["spool_full"] ?? 0) > 0)
        #expect(told.waiting + told.inFlight + (told.dropped["spool_full"] ?? 0) <= 5_000)
        #expect(told.waiting > 0)
    }
}
