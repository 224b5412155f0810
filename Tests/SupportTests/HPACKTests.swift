import Testing

@testable import SpanKitTestSupport

@Suite("Header compression of HTTP/2")
struct HPACKTests {
    /// RFC 7541, C.4: three requests on one connection, with the Huffman code and the dynamic table.
    @Test("the examples of the RFC are read")
    func examples() throws {
        var decoder = HPACKDecoder()
        let start = [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"]
        let last = [
            ":method: GET", ":scheme: https", ":path: /index.html", ":authority: www.example.com",
            "custom-key: custom-value",
        ]
        for (block, fields) in [
            ("828684418cf1e3c2e5f23a6ba0ab90f4ff", start),
            ("828684be5886a8eb10649cbf", start + ["cache-control: no-cache"]),
            ("828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf", last),
        ] {
            let read = try decoder.decode(Self.bytes(block))
            #expect(read.map { "\($0.name): \($0.value)" } == fields)
        }
    }

    @Test("what is written can be read, also long values")
    func roundTrip() throws {
        let fields = [("Grpc-Status", "0"), ("grpc-message", String(repeating: "x", count: 300)), ("a", "")]
        var decoder = HPACKDecoder()
        let read = try decoder.decode(HPACKEncoder.encode(fields))
        #expect(read.map(\.name) == ["grpc-status", "grpc-message", "a"] && read.map(\.value) == fields.map(\.1))
    }

    private static func bytes(_ digits: String) -> [UInt8] {
        let digits = Array(digits)
        return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    }
}
