import SpanKitTestSupport
import Testing

@testable import SpanKitRecording

@Suite("Damaged headers")
struct PropagationFuzzTests {
    private static let valid = [
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03",
        "tracestate": "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE,ot=th:c;rv:6e6d1a75832a2f",
        "baggage": "tenant=acme,user=Am%C3%A9lie;private,list=a%2Cb",
        "b3": "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1-05e3ac9a4f6e3b90",
        "x-b3-traceid": "64fe8b2a57d3eff7", "x-b3-spanid": "e457b5a2e4d86bd1", "x-b3-sampled": "1", "x-b3-flags": "1",
        "uber-trace-id": "7b:1c8:0:3",
        "x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
    ]

    @Test(
        "a context read from a damaged header can be sent and is read again unchanged",
        arguments: [
            Propagators.default, [.b3], [.b3Multi], [.jaeger], [.xray],
        ] as [Propagators]
    )
    func mutations(propagators: Propagators) {
        var random = SplitMix64(seed: 11)
        for _ in 0..<FuzzRounds.count {
            let headers = Self.valid.mapValues { damage($0, &random) }
            let read = propagators.extract { name in headers[name].map { [$0] } ?? [] }
            var sent: [String: String] = [:]
            propagators.inject(read) { sent[$0] = $1 }
            for (name, value) in sent {
                #expect(value.utf8.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x09 }, "\(name): \(headers)")
            }
            let again = propagators.extract { name in sent[name].map { [$0] } ?? [] }
            #expect(again == read, "\(headers)")
            if let parent = read.parent { #expect(parent.isValid) }
        }
    }

    /// Changes, removes, inserts or duplicates a few bytes.
    private func damage(_ text: String, _ random: inout SplitMix64) -> String {
        let alphabet = Array("0af-,=;:%@ \t\r\nAZ\"\\\u{0}\u{7f}é".utf8)
        var bytes = Array(text.utf8)
        for _ in 0..<random.next() % 4 {
            let place = Int(random.next() % UInt64(bytes.count + 1))
            let byte = alphabet[Int(random.next() % UInt64(alphabet.count))]
            switch random.next() % 4 {
            case 0: if place < bytes.count { bytes[place] = byte }
            case 1: if place < bytes.count { bytes.remove(at: place) }
            case 2: bytes.insert(byte, at: place)
            default: bytes.insert(contentsOf: bytes[..<place], at: place)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
