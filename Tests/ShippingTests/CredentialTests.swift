import Foundation
import SpanKitHTTP
import SpanKitOTLP
import SpanKitPlatform
import SpanKitRecording
import SpanKitTestSupport
import Testing

@testable import SpanKitShipping

@Suite("Credentials that change", .generousTimeLimit)
struct CredentialTests {
    private struct Refusal: Error {
        let secret = "secret-of-the-error"
    }

    /// A server that accepts one token, which can change.
    private final class Guarded: Sendable {
        let accepted: Locked<String>
        let server: FaultServer

        init(_ token: String) throws {
            let accepted = Locked(token)
            self.accepted = accepted
            server = try FaultServer { request, _ in
                request["authorization"] == "Bearer \(accepted.withLock { $0 })" ? .ok : .status(401)
            }
        }

        /// The tokens of the requests, in order.
        var tokens: [String] { server.requests.map { $0["authorization"] ?? "none" } }

        func run(_ credentials: OTLPCredentials, _ configure: (inout OTLPExporter) -> Void = { _ in }) throws
            -> ShippingRun
        {
            try ShippingRun(to: server, batch: .onDemand) { exporter in
                exporter.credentials = credentials
                configure(&exporter)
            }
        }
    }

    private func expectNoSecret(_ run: ShippingRun, _ secrets: String...) {
        for secret in secrets { #expect(!run.log.joined(separator: "\n").contains(secret)) }
    }

    @Test("a token file is sent as a bearer token, without surrounding white space, in place of a fixed header")
    func file() async throws {
        let folder = TemporaryFolder()
        let guarded = try Guarded("secret-1")
        defer { guarded.server.stop() }
        try folder.put("token", Array("  secret-1\n".utf8))
        let run = try guarded.run(.bearerToken(file: folder.path("token"))) { exporter in
            exporter.headers = [
                HTTPHeader(name: "authorization", value: "Bearer fixed"), HTTPHeader(name: "x-own", value: "1"),
            ]
        }
        run.record(2)
        #expect(await run.ended().destinations.map(\.exported) == [2])
        #expect(guarded.tokens == ["Bearer secret-1"])
        #expect(guarded.server.requests.map { $0["x-own"] } == ["1"])
        expectNoSecret(run, "secret")
    }

    @Test("a token that is replaced by renaming a symbolic link is used at once after a refusal; nothing is lost")
    func rotation() async throws {
        let folder = TemporaryFolder()
        let guarded = try Guarded("secret-1")
        defer { guarded.server.stop() }
        // As Kubernetes does it: token → ..data/token, ..data → folder, and ..data is replaced.
        func publish(_ token: String) throws {
            let version = folder.path(token)
            try FileManager.default.createDirectory(atPath: version, withIntermediateDirectories: true)
            try folder.put("\(token)/token", Array(token.utf8))
            try? FileManager.default.removeItem(atPath: folder.path("..tmp"))
            try FileManager.default.createSymbolicLink(atPath: folder.path("..tmp"), withDestinationPath: version)
            #expect(FileSystem.rename(folder.path("..tmp"), folder.path("..data")) == nil)
        }
        try publish("secret-1")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("token"),
            withDestinationPath: folder.path("..data/token")
        )
        let run = try guarded.run(.bearerToken(file: folder.path("token")))
        run.record(2)
        #expect(await run.flushed().destinations.map(\.exported) == [2])
        guarded.accepted.withLock { $0 = "secret-2" }
        try publish("secret-2")
        run.record(3)
        let account = await run.ended()
        #expect(account.destinations.map(\.exported) == [5])
        #expect(account.destinations.map(\.droppedCount) == [0])
        #expect(guarded.tokens.filter { $0 == "Bearer secret-2" }.count == 1)
        #expect(guarded.tokens.count <= 3)
        expectNoSecret(run, "secret-1", "secret-2")
    }

    @Test("while the token is wrong, batches wait and are retried; with the right one everything is delivered")
    func wrongToken() async throws {
        let folder = TemporaryFolder()
        let guarded = try Guarded("secret-2")
        defer { guarded.server.stop() }
        try folder.put("token", Array("secret-1".utf8))
        let run = try guarded.run(.bearerToken(file: folder.path("token")))
        run.record(2)
        _ = await run.flushed(.milliseconds(300))
        let waiting = run.shipper.account()
        #expect(waiting.destinations.map(\.undelivered) == [2])
        #expect(waiting.destinations.map(\.droppedCount) == [0])
        #expect(
            waiting.destinations.first?.failure?.contains("status 401: the receiver refused the bearer token in ")
                == true
        )
        try folder.put("token", Array("secret-2".utf8))
        let account = await run.ended()
        #expect(account.destinations.map(\.exported) == [2])
        #expect(account.destinations.map(\.possiblyDuplicated) == [0], "a refused request has not arrived")
        #expect(account.isBalanced)
        expectNoSecret(run, "secret-1", "secret-2")
    }

    @Test(
        "a refusal over any protocol renews the token, and the same batch is sent again with the new one",
        arguments: [
            (Transport.json, Answer.status(401), "status 401"), (.protobuf, .status(401), "status 401"),
            (.grpc, .grpc(16, "expired"), "UNAUTHENTICATED"), (.grpcOverSocket, .grpc(16), "UNAUTHENTICATED"),
            // Proxies answer so.
            (.grpc, .status(401), "status 401"), (.grpc, .grpc(16, status: 401), "status 401"),
        ] as [(Transport, Answer, String)]
    )
    func refusals(transport: Transport, refusal: Answer, name: String) async throws {
        let folder = TemporaryFolder()
        try folder.put("token", Array("secret-1".utf8))
        let server = try FaultServer(transport) { request, _ in
            request["authorization"] == "Bearer secret-2" ? .ok : refusal
        }
        defer { server.stop() }
        let run = try ShippingRun(to: server, batch: .onDemand) { exporter in
            exporter.credentials = .bearerToken(file: folder.path("token"))
        }
        run.record(2)
        _ = await run.flushed(.milliseconds(200))
        try await eventually("the refusal is known", run.shipper.account().destinations[0].failure ?? "") {
            $0.contains("\(name): the receiver refused the bearer token in ")
        }
        try folder.put("token", Array("secret-2".utf8))
        let account = await run.ended()
        #expect(account.destinations[0].exported == 2 && account.destinations[0].droppedCount == 0)
        #expect(account.destinations[0].possiblyDuplicated == 0, "a refused request has not arrived")
        #expect(server.requests.count { $0["authorization"] == "Bearer secret-2" } == 1)
        #expect(Set(server.requests.map(\.body)).count == 1)
        expectNoSecret(run, "secret-1", "secret-2")
    }

    @Test(
        "a missing permission is not a matter of the token, so the batch is dropped at once",
        arguments: [
            (Transport.json, Answer.status(403), DropReason.status(403)), (.grpc, .grpc(7), .grpcStatus(7)),
            (.grpc, .status(403), .status(403)),
        ] as [(Transport, Answer, DropReason)]
    )
    func permissions(transport: Transport, refusal: Answer, reason: DropReason) async throws {
        let folder = TemporaryFolder()
        try folder.put("token", Array("secret".utf8))
        let server = try FaultServer(transport, refusal)
        defer { server.stop() }
        let run = try ShippingRun(to: server, batch: .onDemand) { exporter in
            exporter.credentials = .bearerToken(file: folder.path("token"))
        }
        run.record(2)
        #expect(await run.ended().destinations[0].dropped == [reason: 2])
        #expect(server.requests.count == 1)
    }

    @Test("a refusal by gRPC counts even if the stream ends before the body was read")
    func earlyRefusal() throws {
        let folder = TemporaryFolder()
        try folder.put("token", Array("secret-1".utf8))
        let credentials = LiveCredentials(.bearerToken(file: folder.path("token")))
        func fields(_ token: Int) -> [String] {
            (credentials.headers(with: [], token: token, timeout: nil) ?? []).map(\.value)
        }
        #expect(fields(1) == ["Bearer secret-1"])
        try folder.put("token", Array("secret-2".utf8))
        var answer = HTTPAnswer(failure: .noConnection(.streamReset, "reset"))
        answer.grpcFields = ["grpc-status": "16"]
        answer.sentBytes = 100
        let read = credentials.read(answer, token: 1)
        let verdict = Verdict(read, .grpc, unixSeconds: 0)
        guard case .again(after: nil, let reason) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(reason.hasPrefix("UNAUTHENTICATED: the receiver refused the bearer token in "))
        #expect(read.sentBytes == 0, "it has not arrived")
        #expect(fields(2) == ["Bearer secret-2"])
    }

    @Test(
        "without a token, nothing is sent until the file has one",
        arguments: ["missing", "empty", "two\nlines", "long"]
    )
    func noToken(content: String) async throws {
        let folder = TemporaryFolder()
        let guarded = try Guarded("secret")
        defer { guarded.server.stop() }
        switch content {
        case "missing": break
        case "empty": try folder.put("token", Array(" \n".utf8))
        case "long": try folder.put("token", Array(repeating: 0x61, count: 65_537))
        default: try folder.put("token", Array(content.utf8))
        }
        let run = try guarded.run(.bearerToken(file: folder.path("token")))
        run.record(2)
        _ = await run.flushed(.milliseconds(200))
        #expect(guarded.server.requests.isEmpty)
        #expect(run.shipper.account().destinations.map(\.undelivered) == [2])
        #expect(
            run.log.contains { $0.contains("there are no valid credentials: ") && $0.contains(folder.path("token")) }
        )
        try folder.put("token", Array("secret".utf8))
        #expect(await run.ended().destinations.map(\.exported) == [2])
    }

    @Test("a token file that disappears leaves the last token in use")
    func disappears() async throws {
        let folder = TemporaryFolder()
        let path = folder.path("token")
        try folder.put("token", Array("secret".utf8))
        let file = TokenFile(path)
        let now = ContinuousClock.now
        #expect(file.current(now, waitingAtMost: nil)?.fields.first?.value == "Bearer secret")
        FileSystem.remove(path)
        let later = file.current(now.advanced(by: .seconds(2)), waitingAtMost: nil)
        #expect(later?.fields.first?.value == "Bearer secret")
        #expect(file.problem?.contains(path) == true)
        try folder.put("token", Array("secret-2".utf8))
        #expect(
            file.current(now.advanced(by: .seconds(2.5)), waitingAtMost: nil)?.version == 1,
            "at most once a second"
        )
        #expect(file.current(now.advanced(by: .seconds(3)), waitingAtMost: nil)?.version == 2)
        #expect(file.problem == nil)
        file.refuse(version: 2)
        try folder.put("token", Array("secret-3".utf8))
        let refused = file.current(now.advanced(by: .seconds(3)), waitingAtMost: nil)
        #expect(refused?.version == 3, "after a refusal, each request looks at the file")
    }

    @Test("a closure's headers are fetched once, and again after a refusal")
    func provider() async throws {
        let guarded = try Guarded("secret-1")
        defer { guarded.server.stop() }
        let calls = Locked(0)
        let run = try guarded.run(
            .headers {
                let number = calls.withLock { calls in
                    calls += 1
                    return calls
                }
                return .bearer("secret-\(number)")
            }
        )
        for _ in 0..<3 {
            run.record(2)
            _ = await run.flushed()
        }
        #expect(calls.withLock { $0 } == 1)
        guarded.accepted.withLock { $0 = "secret-2" }
        run.record(1)
        let account = await run.ended()
        #expect(account.destinations.map(\.exported) == [7])
        #expect(calls.withLock { $0 } == 2)
        #expect(guarded.tokens == Array(repeating: "Bearer secret-1", count: 4) + ["Bearer secret-2"])
        expectNoSecret(run, "secret")
    }

    @Test("headers that have expired are not used, and are fetched before the next request")
    func expiry() async throws {
        let guarded = try Guarded("secret-2")
        defer { guarded.server.stop() }
        let calls = Locked(0)
        let run = try guarded.run(
            .headers {
                let number = calls.withLock { calls in
                    calls += 1
                    return calls
                }
                return .bearer("secret-\(number)", validFor: number == 1 ? .nanoseconds(1) : .seconds(3_600))
            }
        )
        run.record(2)
        #expect(await run.ended().destinations.map(\.exported) == [2])
        #expect(guarded.tokens == ["Bearer secret-2"])
        #expect(calls.withLock { $0 } == 2)
    }

    @Test("a closure that fails is called again, its error is named and not quoted, and no batch is lost")
    func failingProvider() async throws {
        let guarded = try Guarded("secret")
        defer { guarded.server.stop() }
        let calls = Locked(0)
        let run = try guarded.run(
            .headers {
                let number = calls.withLock { calls in
                    calls += 1
                    return calls
                }
                switch number {
                case 1: throw Refusal()
                case 2: return ExpiringHeaders([HTTPHeader(name: "authorization", value: "secret\r\nx: y")])
                default: return .bearer("secret")
                }
            }
        )
        run.record(2)
        let account = await run.ended()
        #expect(account.destinations.map(\.exported) == [2])
        #expect(calls.withLock { $0 } == 3)
        #expect(guarded.tokens == ["Bearer secret"])
        #expect(run.log.contains { $0.contains("the closure threw") && $0.contains("Refusal") })
        expectNoSecret(run, "secret")
    }

    @Test("a closure that hangs does not hold up the shutdown, and its spans are counted as waiting")
    func hangingProvider() async throws {
        let guarded = try Guarded("secret")
        defer { guarded.server.stop() }
        let run = try guarded.run(
            .headers(timeLimit: .milliseconds(20)) {
                // It ignores its cancellation.
                await withCheckedContinuation { continuation in
                    _ = Thread("hangs") {
                        usleep(2_000_000)
                        continuation.resume()
                    }
                }
                return .bearer("secret")
            }
        )
        run.record(2)
        let account = await run.ended(.milliseconds(400))
        #expect(guarded.server.requests.isEmpty)
        #expect(account.destinations.map(\.undelivered) == [2])
        #expect(account.isBalanced)
        #expect(account.destinations.first?.failure?.contains("the closure has not returned within 20") == true)
    }

    @Test("fields that the protocol needs cannot be replaced by a closure")
    func reserved() async throws {
        let calls = ProviderCalls(
            HeaderProvider(.seconds(10)) { ExpiringHeaders([HTTPHeader(name: "Content-Type", value: "text/plain")]) }
        )
        try await eventually("the call fails", calls.problem) {
            $0?.contains("named Content-Type that is not allowed") == true
        }
        #expect(calls.current(.now, waitingAtMost: .zero) == nil)
    }

    @Test("without credentials, 401 drops the batch as before")
    func fixedHeaders() async throws {
        let guarded = try Guarded("secret")
        defer { guarded.server.stop() }
        let run = try ShippingRun(to: guarded.server, batch: .onDemand)
        run.record(2)
        #expect(await run.ended().destinations.map(\.dropped) == [[.status(401): 2]])
    }

    @Test("descriptions contain no values")
    func descriptions() {
        #expect(ExpiringHeaders.bearer("secret").description == "Authorization: …")
        #expect("\(OTLPCredentials.bearerToken(file: "/run/token"))" == "the bearer token in /run/token")
        #expect(OTLPCredentials.bearerToken(file: "/a") == .bearerToken(file: "/a"))
        #expect(OTLPCredentials.bearerToken(file: "/a") != .bearerToken(file: "/b"))
    }
}
