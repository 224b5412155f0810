import Foundation
import SpanKitTestSupport
import Testing

@testable import SpanKitServe
@testable import SpanKitStore

@Suite("The memory of spankit serve", .generousTimeLimit)
struct MemoryTests {
    /// The bound of resident memory, which the documentation states.
    private static let megabytes = 256
    private static let spanBytes = 100_000

    /// A request in protobuf with spans of 100 kB each.
    private static func body(trace: UInt8, spans: Int) -> [UInt8] {
        func field(_ number: Int, _ content: [UInt8]) -> [UInt8] {
            var field: [UInt8] = []
            OTLPAssembly.append(number, content, to: &field)
            return field
        }
        // Bytes, because a text would be indexed, which takes a debug build long.
        let value = field(2, field(7, [UInt8](repeating: 7, count: spanBytes)))
        let attribute = field(9, field(1, Array("picture".utf8)) + value)
        var list: [UInt8] = []
        for number in 0..<spans {
            let id = [UInt8](repeating: 1, count: 6) + [UInt8(number / 256), UInt8(number % 256)]
            let ids = field(1, [UInt8](repeating: trace, count: 16)) + field(2, id)
            OTLPAssembly.append(2, ids + field(5, Array("large".utf8)) + attribute, to: &list)
        }
        return field(1, field(2, list))
    }

    private static func head(_ serve: ServeProcess, _ length: Int, _ more: String...) -> [UInt8] {
        let lines = [
            "POST /v1/traces HTTP/1.1", "Host: 127.0.0.1:\(serve.port)", "Content-Type: application/x-protobuf",
            "Content-Length: \(length)", "Connection: close",
        ]
        return Array(((lines + more).joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    /// The largest resident memory of the process so far, in megabytes.
    private static func peak(_ serve: ServeProcess) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(serve.identifier)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return (Int(line.split(separator: " ").dropFirst().first ?? "") ?? .max) / 1_000
    }

    @Test("stays bounded while senders fill it, which are told to wait and counted; what was accepted is stored")
    func bounded() async throws {
        let serve = try await ServeProcess([])
        let spans = 155
        let rounds = 2
        var refusedCount = 0
        for round in 0..<rounds {
            // Four requests that are complete but for one byte use the memory for requests.
            let bodies = (0..<4).map { Self.body(trace: UInt8(1 + round * 4 + $0), spans: spans) }
            let held = try await onThread {
                try bodies.map { body in
                    let socket = try LoopbackSocket(connectingTo: serve.port)
                    socket.send(Self.head(serve, body.count) + body.dropLast())
                    return (socket: socket, last: body.suffix(1))
                }
            }
            // Those were announced before they were sent, so there is no room for another one, which is refused before it is sent.
            let refused = try await onThread {
                let socket = try LoopbackSocket(connectingTo: serve.port)
                defer { socket.close() }
                socket.send(Self.head(serve, spans * Self.spanBytes))
                return String(decoding: try socket.receiveAll(), as: UTF8.self).lowercased()
            }
            #expect(refused.hasPrefix("http/1.1 429") && refused.contains("retry-after: 1"), "\(refused)")
            refusedCount += 1
            for (socket, last) in held {
                let answer = try await onThread {
                    defer { socket.close() }
                    socket.send(Array(last))
                    return try socket.receiveAll()
                }
                #expect(String(decoding: answer, as: UTF8.self).hasPrefix("HTTP/1.1 200"))
            }
        }
        // 60 MB after decompression.
        let large = Gzip.compress(Self.body(trace: 100, spans: 600))
        let answer = try await serve.exchange(
            "POST",
            "/v1/traces",
            headers: ["Content-Type: application/x-protobuf", "Content-Encoding: gzip"],
            body: large
        )
        #expect(answer.status == 200)
        let status = try parsed(try await serve.exchange("GET", "/api/status").text)
        #expect((status["refused"] as? [String: Any])?["requests"] as? Int == refusedCount)
        #expect((status["kept"] as? [String: Any])?["spans"] as? Int == rounds * 4 * spans + 600)
        let peak = try Self.peak(serve)
        #expect(peak <= Self.megabytes, "\(peak) MB")
    }
}
