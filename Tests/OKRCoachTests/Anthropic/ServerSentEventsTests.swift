import Testing

@testable import OKRCoach

@Suite("Server-sent events")
struct ServerSentEventsTests {
    private func events(_ pieces: [[UInt8]]) throws -> [String] {
        var reader = ServerSentEvents()
        var all: [String] = []
        for piece in pieces {
            try piece.withUnsafeBytes { bytes in
                try reader.add(bytes) { event in
                    let name = event.name.map { "\($0): " } ?? ""
                    all.append(name + String(decoding: event.data, as: UTF8.self))
                    return true
                }
            }
        }
        return all
    }

    @Test("The events are the same wherever the bytes are cut")
    func cuts() throws {
        let text =
            "\u{FEFF}event: a\r\ndata: {\"t\":\"héé 🎯\"}\r\n\r\n: a comment\nid: 7\ndata:two\ndata: lines\n\n"
            + "data\n\nretry: 3\rdata: old\r\rdata: never ended"
        let bytes = Array(text.utf8)
        let expected = ["a: {\"t\":\"héé 🎯\"}", "two\nlines", "", "old"]
        #expect(try events([bytes]) == expected)
        for cut in 1..<bytes.count {
            #expect(try events([Array(bytes[..<cut]), Array(bytes[cut...])]) == expected, "cut at \(cut)")
        }
        #expect(try events(bytes.map { [$0] }) == expected)
    }

    @Test("An event that exceeds the limit is rejected")
    func endless() {
        let piece = [UInt8](repeating: 0x61, count: 1 << 20)
        #expect(throws: ServerSentEvents.TooLong.self) {
            try events([Array("data: ".utf8)] + Array(repeating: piece, count: 5))
        }
    }
}
