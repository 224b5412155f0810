import SpanKitBenchmarkRows
import SpanKitTestSupport
import Testing

@testable import SpanKitFleet

/// docs/scale.md states these bars and where they come from.
@Suite("A fleet in virtual time", .generousTimeLimit)
struct FleetTests {
    /// 300 processes that meet an outage of 90 s and then have time to recover.
    private static let scenarios = FleetScenario.all.map {
        $0.scaled(processes: 300, outage: 60..<150, seconds: 330)
    }

    private static func run(_ name: String, _ change: (inout FleetScenario) -> Void = { _ in }) throws -> FleetResult {
        var scenario = try #require(scenarios.first { $0.name == name })
        change(&scenario)
        return FleetSimulation.run(scenario, seed: 7, checkSeconds: 1)
    }

    @Test("every span is in exactly one place in every second", arguments: scenarios.map(\.name))
    func balance(name: String) throws {
        let scenario = try #require(Self.scenarios.first { $0.name == name })
        let result = FleetSimulation.run(scenario, seed: 3, checkSeconds: 1)
        #expect(result.imbalances == [])
        #expect(result.balance.difference == 0)
        let expected = Double(scenario.processes) * scenario.spansPerSecond * Double(scenario.seconds)
        #expect((0.98...1.02).contains(Double(result.balance.created) / expected))
        #expect(result.balance.stored > 0 && result.balance.sampledOut > result.balance.stored)
    }

    @Test("the same seed gives the same table and picture, another seed another one")
    func determinism() throws {
        let scenario = try #require(Self.scenarios.first { $0.name == "spool" })
        let results = [1, 1, 2].map { FleetSimulation.run(scenario, seed: $0) }
        #expect(results[0].samples == results[1].samples)
        #expect(results[0].balance == results[1].balance)
        #expect(FleetTable.text(of: [results[0]]) == FleetTable.text(of: [results[1]]))
        #expect(FleetPicture([results[0]]).svg == FleetPicture([results[1]]).svg)
        #expect(results[0].samples != results[2].samples)
    }

    @Test(
        "there is no retry storm: at most 5 times the usual requests, in an outage and after it",
        arguments: scenarios.filter { $0.isDirect && !$0.retriesEachSecond }.map(\.name)
    )
    func storm(name: String) throws {
        let result = try Self.run(name)
        #expect(result.peakDuring <= 5, "\(result.peakDuring)")
        #expect(result.peakAfter <= 5, "\(result.peakAfter)")
    }

    @Test("without backoff, the whole fleet asks all the time")
    func fixedRetry() throws {
        let (usual, fixed) = (try Self.run("spool"), try Self.run("spool, fixed retry"))
        func meanDuring(_ result: FleetResult) -> Double {
            let outage = result.samples[90..<150]
            return Double(outage.reduce(0) { $0 + $1.requests }) / Double(outage.count) / result.steadyRequests
        }
        #expect(meanDuring(usual) < 1, "\(meanDuring(usual))")
        #expect(meanDuring(fixed) > 4, "\(meanDuring(fixed))")
    }

    @Test("a spool loses nothing that gateways had not accepted")
    func spool() throws {
        let result = try Self.run("spool")
        #expect(Set(result.balance.lost.keys) == ["gateway memory"])
        #expect(try Self.run("spool, 503 with Retry-After").balance.lost == [:])
        #expect(try Self.run("spool, store down").balance.lost == [:])
    }

    @Test("in memory, spans that are older than the limit are lost, and the reason is counted")
    func memory() throws {
        let short = try Self.run("memory, 6 min")
        #expect(Set(short.balance.lost.keys) == ["gateway memory"], "90 s are within the limit of 300 s")
        let long = try Self.run("memory, 6 min") { ($0.outageSeconds, $0.seconds) = (60..<480, 600) }
        #expect((long.balance.lost["timeout"] ?? 0) > 0)
    }

    @Test("queues on disk in agents lose nothing, and processes do not notice the outage")
    func agents() throws {
        let result = try Self.run("agents, queues on disk")
        #expect(Set(result.balance.lost.keys) == ["gateway memory"])
        #expect(result.samples.allSatisfy { $0.failing == 0 })
        #expect(result.agentSpans > 100_000)
    }

    @Test("a gateway that is only slow gets few spans twice, and the exporter counts them")
    func copies() throws {
        let result = try Self.run("spool") { $0.lostAnswers = 0 }
        #expect(result.balance.copies == 0, "an attempt ended before a gateway that was only slow could answer")
        let lossy = try Self.run("spool") { $0.lostAnswers = 0.01 }
        #expect(lossy.balance.copies > 0)
        #expect(lossy.balance.possiblyDuplicated > 0)
    }

    @Test("the memory of tail sampling stays within its limit while the fleet catches up")
    func gatewayMemory() throws {
        let limit = 12 * 1_024 * 1_024
        let result = try Self.run("spool") { $0.gatewayMemoryBytes = limit }
        #expect(result.gatewayBytes <= limit)
        #expect(result.gatewayBytes > limit / 2)
        #expect(result.imbalances == [])
    }

    @Test("events come in the order of their times, and of their addition")
    func eventOrder() {
        var random = SeededGenerator(seed: 5)
        var events = EventQueue<Int>()
        var expected: [(time: VirtualTime, number: Int)] = []
        for number in 0..<2_000 {
            let time = VirtualTime(random.next() % 50)
            events.add(number, at: time)
            expected.append((time, number))
        }
        var seen: [Int] = []
        while let (_, number) = events.next(until: 40) { seen.append(number) }
        #expect(seen == expected.filter { $0.time <= 40 }.sorted { $0 < $1 }.map(\.number))
    }
}
