import Foundation
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Spool", .generousTimeLimit)
struct SpoolTests {
    private let folder = TemporaryFolder()

    private func configuration(_ configure: (inout SpoolConfiguration) -> Void = { _ in }) -> SpoolConfiguration {
        var configuration = SpoolConfiguration(directory: folder.path("spool"))
        configure(&configuration)
        return configuration
    }

    private var bodies: [String] {
        (try? FileManager.default.subpathsOfDirectory(atPath: folder.path("spool")))?
            .filter { $0.contains(".json") || $0.contains(".pb") }.sorted() ?? []
    }

    /// What the spool says it holds, counted in its files.
    private var storedBytes: UInt64 {
        bodies.reduce(0) { $0 + UInt64(FileSystem.attributes(folder.path("spool/\($1)"))?.bytes ?? 0) }
    }

    @Test("the next process delivers the spool and leaves it empty", arguments: Transport.allCases)
    func nextProcess(transport: Transport) throws {
        defer { folder.remove() }
        let server = try FaultServer(transport, .ok)
        defer { server.stop() }
        server.pause()
        let first = try ShippingRun(to: server, spool: configuration())
        first.record(2_000)
        let account = first.shutdown(.seconds(2))
        #expect(account.destinations[0].undelivered == 2_000)
        #expect(account.isBalanced)
        #expect(!bodies.isEmpty)

        try server.resume()
        let second = try ShippingRun(to: server, spool: configuration())
        second.record(100, from: 2_000)
        try eventually("2,100 spans are exported", second.shipper.account().destinations[0].exported) { $0 >= 2_100 }
        try eventually("only the folder of the process itself is left", FileSystem.names(in: folder.path("spool"))) {
            $0.count == 1
        }
        let secondAccount = second.shutdown()
        #expect(server.numbers.sorted() == Array(0..<2_100))
        #expect(secondAccount.recovered == 2_000)
        #expect(secondAccount.isBalanced)
        #expect(FileSystem.names(in: folder.path("spool")).isEmpty)
    }

    @Test("a body in the spool can be read with zcat")
    func readable() throws {
        defer { folder.remove() }
        let closed = try RefusedPort()
        let run = try ShippingRun(
            [.otlp(OTLPExporter(url: "\(closed.url)/v1/traces"))],
            batch: .onDemand,
            spool: configuration()
        )
        run.record(500)
        run.shutdown(.seconds(1))
        let name = try #require(bodies.first)
        #expect(name.hasSuffix("-500.json.gz"))
        let bytes = try FileSystem.read(folder.path("spool/\(name)")).get()
        let plain = try #require(Gzip.decompress(bytes))
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(plain)) }
        let mode = try FileManager.default.attributesOfItem(atPath: folder.path("spool/\(name)"))[.posixPermissions]
        #expect(mode as? Int == 0o600, "only the owner may read spans")
    }

    @Test("beyond the size of the spool, the oldest bodies are dropped and counted")
    func sizeLimit() throws {
        defer { folder.remove() }
        let closed = try RefusedPort()
        var settings = BatchSettings.quick
        settings.maximumSpans = 100
        let run = try ShippingRun(
            [.otlp(OTLPExporter(url: "\(closed.url)/v1/traces"))],
            batch: settings,
            spool: configuration { $0.maximumBytes = 40_000 }
        )
        run.record(5_000)
        let account = run.shutdown(.seconds(2))
        #expect(account.isBalanced)
        #expect(account.destinations[0].dropped[.spoolFull] ?? 0 > 0)
        #expect(account.destinations[0].undelivered > 0)
        let size = bodies.reduce(0) { $0 + (FileSystem.attributes(folder.path("spool/\($1)"))?.bytes ?? 0) }
        #expect(size <= 40_000)
        #expect(bodies.first?.contains("000000000001-") == false, "the first is gone")
    }

    @Test(
        "a body from the spool that is split several times arrives completely",
        arguments: [64, 16, 1],
        [Transport.json, .grpc]
    )
    func splitAgain(most: Int, transport: Transport) throws {
        defer { folder.remove() }
        let closed = try RefusedPort()
        let first = try ShippingRun([.otlp(OTLPExporter(url: "\(closed.url)/v1/traces"))], spool: configuration())
        first.record(512)
        first.shutdown(.seconds(1))
        #expect(!bodies.isEmpty)
        // The file has JSON, which is converted for gRPC.
        let server = try FaultServer(transport) { request, _ in request.numbers.count > most ? .status(413) : .ok }
        defer { server.stop() }
        let second = try ShippingRun(to: server, spool: configuration())
        try eventually("512 spans are exported", second.shipper.account().destinations[0].exported) { $0 >= 512 }
        let account = second.shutdown()
        #expect(second.shipper.spool?.bytes == 0)
        #expect(account.destinations[0].exported == 512)
        #expect(account.destinations[0].droppedCount == 0)
        let arrived = server.requests.filter { $0.numbers.count <= most }.flatMap(\.numbers)
        #expect(arrived.sorted() == Array(0..<512), "each once")
        #expect(FileSystem.names(in: folder.path("spool")).isEmpty)
    }

    @Test("a process gets its own folder while others look for abandoned folders")
    func madeWhileOthersAdopt() throws {
        defer { folder.remove() }
        let root = folder.path("spool")
        let isOver = Locked(false)
        let ended = Locked(false)
        OperatingSystemThread.start {
            while !isOver.withLock({ $0 }) {
                for name in FileSystem.names(in: root) {
                    guard case .success(let other?) = SpoolDirectory.adopt("\(root)/\(name)") else { continue }
                    other.removeIfEmpty()
                    other.release()
                }
            }
            ended.withLock { $0 = true }
        }
        for _ in 0..<2_000 {
            let own = try SpoolDirectory.make(in: root).get()
            #expect(try SpoolDirectory.adopt(own.path).get() == nil, "it is locked")
            own.removeIfEmpty()
            own.release()
        }
        isOver.withLock { $0 = true }
        try eventually("the other thread has ended", ended.withLock { $0 }) { $0 }
    }

    @Test("parts in an adopted folder keep their names")
    func splitBesideOthers() throws {
        defer { folder.remove() }
        let spool = try Spool.make(configuration()).get()
        let body = Body(Array("{}".utf8), .json, isCompressed: false, spanCount: 1)
        let parent = SpoolFile(directory: spool.own, batch: 7, body)
        let one = try #require(spool.store(body, inPlaceOf: parent))
        let two = try #require(spool.store(body, inPlaceOf: one))
        #expect(one.name != two.name)
        // As a new process counts: from the beginning.
        let fresh = try Spool.make(configuration()).get()
        let three = try #require(fresh.store(body, inPlaceOf: parent))
        #expect(Set([one.name, two.name, three.name]).count == 3)
        #expect(try spool.own.bodies().get().count == 3)
    }

    @Test("two processes share a spool, each with its own folder", arguments: Transport.allCases)
    func sharing(transport: Transport) throws {
        defer { folder.remove() }
        let server = try FaultServer(transport, .ok)
        defer { server.stop() }
        let one = try ShippingRun(to: server, spool: configuration())
        let two = try ShippingRun(to: server, spool: configuration())
        #expect(FileSystem.names(in: folder.path("spool")).count == 2)
        one.record(100)
        two.record(100, from: 100)
        #expect(one.shutdown().destinations[0].exported == 100)
        #expect(two.shutdown().destinations[0].exported == 100)
        #expect(server.numbers.sorted() == Array(0..<200))
        #expect(FileSystem.names(in: folder.path("spool")).isEmpty)
    }

    @Test("a file for two receivers stays until both have it, in this process and the next")
    func severalReceivers() throws {
        defer { folder.remove() }
        let servers = [try FaultServer(.ok), try FaultServer(.ok)]
        defer { for server in servers { server.stop() } }
        let exporters = servers.map { SpanExporter.otlp(OTLPExporter(url: "\($0.url)/v1/traces")) }
        for server in servers { server.pause() }
        let first = try ShippingRun(exporters, spool: configuration())
        first.record(1_000)
        var account = first.shutdown(.seconds(1))
        #expect(account.destinations.map(\.waiting.files) == [1_000, 1_000])
        #expect(account.spooledBytes == storedBytes)

        // One after the other: when the second asks, the first has been done with all files for long.
        try servers[0].resume()
        let second = try ShippingRun(exporters, spool: configuration())
        second.record(500, from: 1_000)
        try eventually("the first receiver has everything", second.shipper.account().destinations[0].exported) {
            $0 == 1_500
        }
        #expect(!bodies.isEmpty)
        #expect(second.shipper.account().destinations[1].waiting.files == 1_500)
        #expect(second.shipper.account().spooledBytes == storedBytes)
        try servers[1].resume()
        account = second.shutdown()
        #expect(account.destinations.map(\.exported) == [1_500, 1_500])
        #expect(account.isBalanced)
        #expect(second.shipper.spool?.bytes == 0)
        for server in servers { #expect(server.numbers.sorted() == Array(0..<1_500)) }
        #expect(FileSystem.names(in: folder.path("spool")).isEmpty)
    }

    @Test("torn and foreign files are skipped and logged, complete ones are sent")
    func tornFiles() throws {
        defer { folder.remove() }
        let server = try FaultServer(.ok)
        defer { server.stop() }
        let closed = try RefusedPort()
        let first = try ShippingRun([.otlp(OTLPExporter(url: "\(closed.url)/v1/traces"))], spool: configuration())
        first.record(1_000)
        first.shutdown(.seconds(1))
        let own = try #require(FileSystem.names(in: folder.path("spool")).first)
        let whole = try FileSystem.read(folder.path("spool/\(bodies[0])")).get()
        for (name, bytes) in [
            ("000000000097-5.json.gz", Array(whole.prefix(whole.count / 2))), ("000000000098-5.json.gz", []),
            ("000000000099-5.json", Array("{\"resourceSpans\":[".utf8)), (".writing-000000000100-5.json", [1]),
            ("notes.txt", [1, 2, 3]),
        ] {
            _ = bytes.withUnsafeBytes { FileSystem.write($0, to: folder.path("spool/\(own)/\(name)")) }
        }
        let second = try ShippingRun(to: server, spool: configuration())
        try eventually("everything is delivered", second.shipper.account()) { account in
            account.created > 0 && account.destinations[0].undelivered == 0
        }
        let account = second.shutdown()
        #expect(server.numbers.sorted() == Array(0..<1_000))
        #expect(account.destinations[0].dropped == [.file: 15])
        #expect(second.log.contains { $0.contains("damaged") })
        #expect(FileSystem.names(in: folder.path("spool/\(own)")).contains("notes.txt"), "not ours to remove")
    }

    @Test("a damaged file does not affect the others of its request")
    func damagedAmongOthers() throws {
        defer { folder.remove() }
        let server = try FaultServer(.ok)
        defer { server.stop() }
        server.pause()
        var batch = BatchSettings.quick
        batch.maximumSpans = 50
        var exporter = OTLPExporter(url: "\(server.url)/v1/traces")
        exporter.parallelRequests = 1
        // So that bodies are read from their files.
        exporter.waitingBytes = 1
        let run = try ShippingRun([.otlp(exporter)], batch: batch, spool: configuration())
        run.record(1_000)
        try eventually("all spans are in files", run.shipper.account().destinations[0]) { destination in
            let waiting = destination.waiting
            return waiting.log == 0 && waiting.encoding == 0 && waiting.memory == 0 && destination.undelivered == 1_000
        }
        let damaged = try #require(bodies.last)
        _ = [UInt8]().withUnsafeBytes { FileSystem.write($0, to: folder.path("spool/\(damaged)")) }
        try server.resume()
        let account = run.shutdown()
        #expect(account.destinations[0].exported == 950)
        #expect(account.destinations[0].dropped == [.file: 50])
        #expect(account.isBalanced)
        let arrived = server.numbers
        #expect(arrived.count == 950 && Set(arrived).count == 950)
    }

    @Test("a body that is refused in every size leaves no file", arguments: Transport.allCases)
    func tooLarge(transport: Transport) throws {
        defer { folder.remove() }
        let server = try FaultServer(transport, .status(413))
        defer { server.stop() }
        let run = try ShippingRun(to: server, batch: .onDemand, spool: configuration())
        run.record(4)
        let account = run.shutdown()
        #expect(account.destinations[0].dropped == [.tooLarge: 4])
        #expect(run.shipper.spool?.bytes == 0)
        #expect(FileSystem.names(in: folder.path("spool")).isEmpty)
    }

    @Test("if the spool is full, spans wait in memory, and that is logged once")
    func unusable() throws {
        defer { folder.remove() }
        let server = try FaultServer(.ok)
        defer { server.stop() }
        _ = [UInt8(1)].withUnsafeBytes { FileSystem.write($0, to: folder.path("spool")) }
        let run = try ShippingRun(to: server, spool: configuration())
        run.record(100)
        #expect(run.shutdown().destinations[0].exported == 100)
        #expect(run.log.filter { $0.contains("spool") }.count == 1)
    }
}
