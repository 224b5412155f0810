import CSpanKit
import Foundation
import SpanKitOTLP
import SpanKitTestSupport
import Testing

@testable import SpanKitInputs

/// What threads read of a text has to be what one decoder reads of all of it.
@Suite(.generousTimeLimit)
struct ParallelReaderTests {
    private func read(_ path: String, workers: Int, chunkBytes: Int) throws -> (spans: [DecodedSpan], DecodingSummary) {
        var reader = ParallelReader<[DecodedSpan]>(make: { [] }, add: { $0.append($1) })
        reader.workers = workers
        reader.chunkBytes = chunkBytes
        var spans: [DecodedSpan] = []
        let (summary, failure) = try reader.read(InputBytes(path: path)) { spans += $0 }
        #expect(failure == nil)
        return (spans, summary)
    }

    private func check(_ bytes: [UInt8], _ folder: TemporaryFolder, workers: Int, chunkBytes: Int) throws {
        let path = "\(folder.path)/input"
        try Data(bytes).write(to: URL(filePath: path))
        let whole = Decoding(bytes)
        let (spans, summary) = try read(path, workers: workers, chunkBytes: chunkBytes)
        let text = "\(workers) workers, chunks of \(chunkBytes): \(String(decoding: bytes, as: UTF8.self))"
        #expect("\(spans)" == "\(whole.spans)", "\(text)")
        #expect(summary.problems.map(\.description) == whole.problems, "\(text)")
        #expect(summary.problemCount == whole.decoder.problemCount, "\(text)")
        #expect(summary.objectCount == whole.decoder.objectCount, "\(text)")
        #expect(summary.hasFoundTraces == whole.decoder.hasFoundTraces, "\(text)")
        #expect(summary.otherSignalCount == whole.decoder.otherSignalCount, "\(text)")
    }

    @Test("Untidy text has the same spans and problems with any number of threads and any size of chunks")
    func untidyText() throws {
        let folder = TemporaryFolder()
        for seed in 0..<(FuzzRounds.isUsual ? 400 : FuzzRounds.count) {
            var text = UntidyText(random: SplitMix64(seed: UInt64(seed)))
            let bytes = text.bytes()
            let sizes = [1, 3, 64, 100, 700, 5_000]
            let size = sizes[seed % sizes.count]
            try check(bytes, folder, workers: [0, 1, 2, 4][seed / sizes.count % 4], chunkBytes: size)
        }
    }

    @Test(
        "Every size of chunks reads the same: borders within lines, lines longer than a chunk, CRLF, empty lines, no last line end"
    )
    func borders() throws {
        let folder = TemporaryFolder()
        let line =
            #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0123456789abcdef0123456789abcdef","spanId":"0123456789abcdef","name":"a\"b\\"}]}]}]}"#
        let text =
            "\(line)\r\n\n\(line.dropLast(20))\n\(line)\n x\n[\n\(line),\n\(line)]\n\(line.replacing(":[", with: ":\n[\n"))\n\(line)"
        for size in 1...200 { try check(Array(text.utf8), folder, workers: size % 3, chunkBytes: size) }
    }

    private func span(_ id: Int, name: String = "a") -> String {
        let digits = String(id + 1, radix: 16)
        let spanID = String(repeating: "0", count: 16 - digits.count) + digits
        return #"{"traceId":"0123456789abcdef0123456789abcdef","spanId":"\#(spanID)","name":"\#(name)"}"#
    }

    /// An object whose resource comes behind its spans.
    private func object(_ spans: [String]) -> String {
        #"{"resourceSpans":[{"scopeSpans":[{"spans":["# + spans.joined(separator: ",")
            + #"]}],"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]}}]}"#
    }

    @Test("The spans of a large object are passed on in several parts", arguments: [0, 2])
    func largeObject(workers: Int) throws {
        let folder = TemporaryFolder()
        let path = "\(folder.path)/input"
        let text = object((0..<20_000).map { span($0) })
        try Data("\(object([span(1)]))\n\(text)\n\(object([span(2)]))\n".utf8).write(to: URL(filePath: path))
        var reader = ParallelReader<Int>(make: { 0 }, add: { count, _ in count += 1 })
        reader.workers = workers
        reader.chunkBytes = 10_000
        var sizes: [Int] = []
        let (summary, _) = try reader.read(InputBytes(path: path)) { sizes.append($0) }
        #expect(sizes.reduce(0, +) == 20_002)
        #expect(sizes.max() ?? 0 <= 1_000)
        #expect(summary.objectCount == 3)
    }

    @Test("A decoder keeps some spans until it has read their resource, and reads the others twice")
    func keptSpans() {
        for (count, size) in [(20_000, 1), (12, 300_000)] {
            let name = String(repeating: "n", count: size)
            let decoded = Decoding(Array(object((0..<count).map { span($0, name: name) }).utf8))
            #expect(decoded.spans.map(\.span.context.spanID.rawValue) == Array(1...UInt64(count)))
            for span in decoded.spans where span.span.name != name || span.resource["service.name"] != .string("shop") {
                Issue.record("\(span.span.context.spanID) of \(count) has another name or service")
            }
        }
    }

    @Test("Copies of a decoder are independent, even while one of them decodes")
    func copies() {
        let bytes = Array((object((0..<5).map { span($0) }) + "\n").utf8)
        var first = TraceDecoder()
        var second = first
        var ids: [UInt64] = []
        first.decode(bytes) { outer in
            ids.append(outer.span.context.spanID.rawValue)
            second.decode(bytes) { ids.append($0.span.context.spanID.rawValue * 10) }
        }
        let inner: [UInt64] = [10, 20, 30, 40, 50]
        #expect(ids == [1] + inner + [2] + inner + [3] + inner + [4] + inner + [5] + inner)
    }

    @Test("An error of the closure ends reading")
    func stopping() throws {
        struct Stop: Error {}
        let folder = TemporaryFolder()
        let path = "\(folder.path)/input"
        let line =
            #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0123456789abcdef0123456789abcdef","spanId":"0123456789abcdef"}]}]}]}"#
            + "\n"
        try Data(String(repeating: line, count: 2_000).utf8).write(to: URL(filePath: path))
        for workers in [0, 2] {
            var reader = ParallelReader<Int>(make: { 0 }, add: { count, _ in count += 1 })
            reader.workers = workers
            reader.chunkBytes = 1_000
            var products = 0
            #expect(throws: Stop.self) {
                _ = try reader.read(InputBytes(path: path)) { _ in
                    products += 1
                    if products == 3 { throw Stop() }
                }
            }
            #expect(products == 3)
        }
    }
}

/// The quick ways of reading values and of finding the end of objects, compared with the slow ones.
@Suite
struct QuickReadingTests {
    /// Pieces below the size of a block are read byte by byte.
    @Test("Blocks of 64 bytes are split as single bytes are")
    func blocks() {
        for seed in 0..<(FuzzRounds.isUsual ? 2_000 : FuzzRounds.count) {
            var text = UntidyText(random: SplitMix64(seed: UInt64(seed) + 1_000_000))
            let bytes = text.bytes()
            let quick = Decoding(bytes)
            let slow = Decoding(bytes, piece: 48)
            let shown = String(decoding: bytes, as: UTF8.self)
            #expect("\(quick.spans)" == "\(slow.spans)", "\(shown)")
            #expect(quick.problems == slow.problems, "\(shown)")
        }
    }

    private func span(_ members: String, space: String) -> String {
        let ids = #""traceId":"0123456789abcdef0123456789abcdef","spanId":"0123456789abcdef""#
        let json =
            #"{"resourceSpans":[{"scopeSpans":[{"spans":[{\#(ids),\#(members)}]}]}],"padding":"\#(String(repeating: "p", count: 64))"}"#
        return json.replacing(":", with: ":" + space)
    }

    /// A space before a value makes the reader take the slow way.
    private func check(_ members: String) {
        let quick = Decoding(span(members, space: ""))
        let slow = Decoding(span(members, space: " "))
        #expect("\(quick.spans)" == "\(slow.spans)", "\(members)")
        #expect(quick.decoder.problems.map(\.reason) == slow.decoder.problems.map(\.reason), "\(members)")
    }

    @Test("Both ways to find structural characters find the same", .enabled(if: spankit_compares_wide()))
    func masks() {
        var random = SplitMix64(seed: 2)
        let bytes = Array("{}[]\"\\r \n\tx\u{0}\u{1F}".utf8) + [0x80, 0xFF]
        for _ in 0..<10_000 {
            let block = (0..<66).map { _ in bytes.randomElement(using: &random) ?? 0 }
            let (narrow, wide) = (spankit_json_masks_of(block), spankit_wide_json_masks_of(block))
            #expect(narrow.quotes == wide.quotes && narrow.odd == wide.odd && narrow.suspects == wide.suspects)
            #expect(narrow.openers == wide.openers && narrow.closers == wide.closers)
            for place in 0..<64 {
                let begins = block[place + 1] <= 0x20 || block[place + 1...place + 2].elementsEqual("\"r".utf8)
                #expect((narrow.suspects >> place & 1 != 0) == (block[place] == UInt8(ascii: "{") && begins))
            }
        }
    }

    @Test("Texts of every length, with an escape or a foreign byte at every offset")
    func texts() {
        for length in 0...70 {
            check(#""name":"\#(String(repeating: "n", count: length))""#)
            for odd in ["\\n", "\\\"", "\\u00e9", "é", "{", "\\\\"] {
                for offset in 0...length {
                    let text =
                        String(repeating: "x", count: offset) + odd + String(repeating: "y", count: length - offset)
                    if length < 20 || offset % 7 == length % 7 { check(#""name":"\#(text)""#) }
                }
            }
        }
    }

    @Test("Texts that displace each other in the memory of texts")
    func manyTexts() {
        var random = SplitMix64(seed: 1)
        let names = (0..<20_000).map { _ in "name \(Int.random(in: 0..<2_000, using: &random))" }
        let lines = names.map { name in
            #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0123456789abcdef0123456789abcdef","#
                + #""spanId":"0123456789abcdef","name":"\#(name)"}]}]}]}"#
        }
        #expect(Decoding(lines.joined(separator: "\n")).names == names)
    }

    @Test("Invalid UTF-8 at every offset becomes U+FFFD")
    func invalidUTF8() {
        for length in 1...40 {
            for offset in 0..<length {
                var name = [UInt8](repeating: UInt8(ascii: "n"), count: length)
                name[offset] = 0xC3
                let parts = span(#""name":"@""#, space: "").split(separator: "@").map { Array($0.utf8) }
                let decoding = Decoding(parts[0] + name + parts[1])
                #expect(decoding.names == [String(decoding: name, as: UTF8.self)])
            }
        }
    }

    @Test("Numbers in every form")
    func numbers() {
        let numbers = [
            "0", "7", "00", "-1", "-0", "1.5", "1.", ".5", "1e3", "0.1", "0.3", "123456789012345", "1234567890123456",
            "12345678.1234567",
            "999999999999999999", "1000000000000000000", "9223372036854775807", "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616", "1790000000331000000", "179000000033100000a", "1790000000331000 00", "+5", "", "x",
            "true", "null", "NaN",
        ]
        for number in numbers {
            for written in ["\"\(number)\"", number.isEmpty || number.contains(" ") ? "0" : number] {
                for key in ["startTimeUnixNano", "endTimeUnixNano", "kind", "flags", "droppedLinksCount"] {
                    check("\"\(key)\":\(written)")
                }
                for type in ["intValue", "doubleValue", "boolValue", "stringValue"] {
                    check("\"attributes\":[{\"key\":\"k\",\"value\":{\"\(type)\":\(written)}}]")
                }
            }
        }
    }

    @Test("Ids with every byte at every place")
    func identifiers() {
        for offset in 0..<16 {
            for byte in UInt8(0x20)..<0x7F where byte != 0x22 && byte != 0x5C && byte != 0x3A {
                var digits = Array("0123456789abcdef".utf8)
                digits[offset] = byte
                check("\"parentSpanId\":\"\(String(decoding: digits, as: UTF8.self))\"")
            }
        }
        for id in ["0123456789ABCDEFfedcba9876543210", "ASNFZ4mrze8BI0VniavN7w==", "0", ""] {
            check("\"links\":[{\"traceId\":\"\(id)\",\"spanId\":\"0123456789abcdef\"}]")
        }
    }

    @Test("Members in changing orders and layouts are found by their names")
    func members() {
        var random = SplitMix64(seed: 5)
        var lines: [String] = []
        var names: [String] = []
        for number in 0..<2_000 {
            var members = [
                #""traceId":"0123456789abcdef0123456789abcdef""#, #""spanId":"0123456789abcdef""#,
                #""name":"n\#(number)""#,
                #""kind":2"#, #""status":{"code":2}"#, #""x\#(number % 97)":{"name":"no"}"#,
            ]
            members.shuffle(using: &random)
            let separator = [",", " ,", ", "][number % 3]
            lines.append(
                #"{"resourceSpans":[{"scopeSpans":[{"spans":[{\#(members.joined(separator: separator))}]}]}]}"#
            )
            names.append("n\(number)")
        }
        let decoding = Decoding(lines.joined(separator: "\n"))
        #expect(decoding.names == names)
        #expect(decoding.problems.isEmpty)
        #expect(decoding.spans.allSatisfy { $0.span.kind == .server && $0.span.status == .error })
    }

    @Test("A resource with more spans than are kept has all of them, with the names that follow them")
    func manySpans() {
        let span = #"{"traceId":"0123456789abcdef0123456789abcdef","spanId":"0123456789abcdef","name":"a"}"#
        let spans = Array(repeating: span, count: KeptSpans.most + 100).joined(separator: ",")
        let resource = #""resource":{"attributes":[{"key":"service.name","value":{"stringValue":"late"}}]}"#
        let scopes = #"{"spans":[\#(spans)],"scope":{"name":"one"}},{"spans":[\#(span)],"scope":{"name":"two"}}"#
        let decoding = Decoding(#"{"resourceSpans":[{"scopeSpans":[\#(scopes)],\#(resource)}]}"#)
        #expect(decoding.spans.count == KeptSpans.most + 101)
        #expect(decoding.spans.allSatisfy { $0.resource["service.name"] == .string("late") })
        #expect(decoding.spans.map(\.scope.name).filter { $0 == "two" }.count == 1)
        #expect(decoding.spans.last?.scope.name == "two")
    }

    #if os(Linux)
        @Test("A process that may use one processor reads without threads")
        func oneProcessor() throws {
            // Swift does not import functions that need `_GNU_SOURCE`.
            typealias Affinity = @convention(c) (pid_t, Int, UnsafeMutableRawPointer) -> CInt
            func affinity(_ name: String) throws -> Affinity {
                unsafeBitCast(try #require(dlsym(nil, name)), to: Affinity.self)
            }
            let (get, set) = (try affinity("sched_getaffinity"), try affinity("sched_setaffinity"))
            var all = [UInt64](repeating: 0, count: 128)
            let size = all.count * MemoryLayout<UInt64>.size
            #expect(get(0, size, &all) == 0)
            let count = all.reduce(0) { $0 + $1.nonzeroBitCount }
            #expect(ParallelReader<Int>.usualWorkers == (count > 1 ? min(8, count) : 0))

            // Only this thread is restricted, and only in this function.
            defer { #expect(set(0, size, &all) == 0) }
            let word = try #require(all.firstIndex { $0 != 0 })
            var one = [UInt64](repeating: 0, count: all.count)
            one[word] = all[word] & (0 &- all[word])
            #expect(set(0, size, &one) == 0)
            #expect(ParallelReader<Int>.usualWorkers == 0)
        }
    #endif
}
