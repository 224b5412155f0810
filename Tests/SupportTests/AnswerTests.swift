import Foundation
import SpanKitTestSupport
import Testing

@Suite("Answers have the documented bytes", .generousTimeLimit)
struct AnswerTests {
    private static let protobuf = "application/x-protobuf"

    private func reply(to answer: Answer, type: String = "application/json") throws -> RawClient.Reply {
        let server = try FaultServer(answer)
        defer { server.stop() }
        return try RawClient.exchange(server, "", type: type)
    }

    @Test("Retry-After is in seconds, a date, any text, or missing")
    func retryAfter() throws {
        let seconds = try reply(to: .unavailable(.seconds(7), status: 429))
        #expect(seconds.status == 429)
        #expect(seconds["Retry-After"] == "7")
        let date = try #require(try reply(to: .unavailable(.dateIn(seconds: 100)))["Retry-After"])
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "GMT")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        let moment = try #require(format.date(from: date))
        #expect((1...100).contains(moment.timeIntervalSinceNow))
        #expect(try reply(to: .unavailable(.text("soon")))["Retry-After"] == "soon")
        let plain = try reply(to: .unavailable())
        #expect(plain.status == 503)
        #expect(plain["Retry-After"] == nil)
    }

    @Test("statuses and partial successes have the request's content type, or the requested one")
    func messages() throws {
        let failure = Answer.rpcStatus(400, code: 3, message: "bad \"id\"\n")
        let json = try reply(to: failure)
        #expect(json.status == 400)
        #expect(json["Content-Type"] == "application/json")
        #expect(json.text == #"{"code":3,"message":"bad \"id\"\u000a","details":[]}"#)
        let binary = try reply(to: failure, type: Self.protobuf)
        #expect(binary["Content-Type"] == Self.protobuf)
        #expect(binary.body == [0x08, 3, 0x12, 9] + Array("bad \"id\"\n".utf8))

        let partial = Answer.partialSuccess(rejected: 300, message: "no")
        #expect(try reply(to: partial).text == #"{"partialSuccess":{"rejectedSpans":"300","errorMessage":"no"}}"#)
        let bytes: [UInt8] = [0x0A, 7, 0x08, 0xAC, 0x02, 0x12, 2] + Array("no".utf8)
        #expect(try reply(to: partial, type: Self.protobuf).body == bytes)
        #expect(try reply(to: .partialSuccess(rejected: 300, message: "no", as: .protobuf)).body == bytes)
        let advice = try reply(to: .partialSuccess(rejected: 0, message: "a"), type: Self.protobuf)
        #expect(advice.body == [0x0A, 3, 0x12, 1, 0x61])
        #expect(try reply(to: .ok, type: Self.protobuf).body.isEmpty)
    }

    @Test("an HTML answer has the type and body of HTML")
    func html() throws {
        let page = try reply(to: .html404)
        #expect(page.status == 404)
        #expect(page["Content-Type"]?.hasPrefix("text/html") == true)
        #expect(page.text.contains("<h1>Not Found</h1>"))
    }

    @Test("a large body is large, and a gzip bomb is small until it is decompressed")
    func sizes() throws {
        #expect(try reply(to: .bigBody()).body.count == 10_000_000)
        let bomb = try reply(to: .gzipBomb())
        #expect(bomb["Content-Encoding"] == "gzip")
        #expect(bomb.body.count < 1 << 20)
        #expect(Gzip.decompress(bomb.body, limit: 100 << 20) == nil)
        #expect(Gzip.decompress(bomb.body)?.count == 1 << 27)
        #expect(Gzip.decompress(Gzip.bomb(inflatingTo: 5)) == Array("{}   ".utf8))
    }

    @Test("gzip that is truncated, changed, or followed by other bytes is refused")
    func brokenGzip() {
        let bytes = Array("hello, hello, hello".utf8)
        let good = Gzip.compress(bytes)
        var changed = good
        changed[good.count - 6] ^= 1
        #expect(Gzip.decompress(good) == bytes)
        #expect(Gzip.decompress(good.dropLast()) == nil)
        #expect(Gzip.decompress(good + [0]) == nil)
        #expect(Gzip.decompress(changed) == nil)
        #expect(Gzip.decompress(Gzip.compress([])) == [])
    }

    @Test("bytes that are not HTTP/1.1 arrive unchanged, and then the connection ends", arguments: [true, false])
    func raw(isHTTP2: Bool) throws {
        let server = try FaultServer(isHTTP2 ? .http2Preface : .garbage)
        defer { server.stop() }
        let client = try RawClient(server.port)
        defer { client.close() }
        client.post([])
        let bytes = try client.socket.receiveAll()
        #expect(Array(bytes.prefix(5)) == (isHTTP2 ? [0, 0, 0, 4, 0] : [0xFF, 0, 0x16, 3, 0x0A]))
        #expect(!String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/"))
    }
}
