import Foundation
import SpanKitTestSupport
import Testing

@testable import SpanKitReports

@Suite("Traces for speedscope")
struct SpeedscopeProfileTests {
    private struct File: Decodable {
        struct Profile: Decodable {
            struct Event: Decodable {
                var type: String
                var frame: Int
                var at: Int64
            }

            var type: String
            var unit: String
            var startValue: Int64
            var endValue: Int64
            var events: [Event]
        }

        struct Shared: Decodable {
            struct Frame: Decodable { var name: String }
            var frames: [Frame]
        }

        var shared: Shared
        var profiles: [Profile]
    }

    private func file(_ profile: SpeedscopeProfile) throws -> File {
        try JSONDecoder().decode(File.self, from: Data(profile.json.compact.utf8))
    }

    /// What speedscope insists on: brackets that match, times that do not go back. Returns the spans' times by name.
    private func check(_ file: File) throws -> [String] {
        var spans: [String] = []
        for profile in file.profiles {
            var open: [(frame: Int, at: Int64)] = []
            var time = profile.startValue
            for event in profile.events {
                #expect(event.at >= time && event.at <= profile.endValue)
                time = event.at
                if event.type == "O" {
                    open.append((event.frame, event.at))
                } else {
                    let last = open.popLast()
                    let opened = try #require(last)
                    #expect(opened.frame == event.frame)
                    spans.append("\(file.shared.frames[event.frame].name) \(opened.at)…\(event.at)")
                }
            }
            #expect(open.isEmpty)
        }
        return spans.sorted()
    }

    @Test("A request has its main line in one profile and parallel spans in another")
    func request() throws {
        let (traces, names) = SampleTraces.assemble(SampleTraces.request)
        let file = try file(SpeedscopeProfile(try #require(traces.first), names: names))
        #expect(file.profiles.count == 2)
        let spans = try check(file)
        #expect(spans.count == SampleTraces.request.count)
        #expect(spans.contains("query (coach) 600000…1400000"))
        #expect(
            file.profiles[1].events.map { file.shared.frames[$0.frame].name } == ["audit (audit)", "audit (audit)"]
        )
    }

    @Test("In any trace the events are nested, and every span has its times", arguments: 0..<20)
    func wild(seed: UInt64) throws {
        var names = NameTable()
        for number in 0..<5 { _ = names.number(of: "name \(number)") }
        let trace = Trace(id: .init(high: 0, low: seed + 1), spans: SampleTraces.wild(seed: seed, count: 60))
        let profile = SpeedscopeProfile(trace, names: names)
        let found = try check(try file(profile))
        let expected = trace.spans.map { "\(names[$0.name]) \($0.start - trace.start)…\($0.end - trace.start)" }
            .sorted()
        #expect(profile.leftOutCount == 0)
        #expect(found == expected)
    }
}
