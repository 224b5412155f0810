import Foundation
import SpanKitInputs
import SpanKitOTLP
import SpanKitRecording
import SpanKitTestSamples
import SpanKitTestSupport
import Testing

@Suite("Decoding OTLP JSON")
struct TraceDecoderTests {
    private func decode(_ text: String, piece: Int = .max, maximumBytes: Int = 1 << 26) -> (
        spans: [DecodedSpan], TraceDecoder
    ) {
        decode(Array(text.utf8), piece: piece, maximumBytes: maximumBytes)
    }

    private func decode(_ bytes: [UInt8], piece: Int = .max, maximumBytes: Int = 1 << 26) -> (
        [DecodedSpan], TraceDecoder
    ) {
        var decoder = TraceDecoder(maximumObjectBytes: maximumBytes)
        var spans: [DecodedSpan] = []
        var place = 0
        while place < bytes.count {
            let end = min(bytes.count, place + min(piece, bytes.count))
            decoder.decode(Array(bytes[place..<end])) { spans.append($0) }
            place = end
        }
        decoder.finish { spans.append($0) }
        return (spans, decoder)
    }

    private func line(_ name: String, spanID: String = "a1a2a3a4a5a6a7a8") -> String {
        #"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}]},"scopeSpans":[{"scope":{"name":"lib"},"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"\#(spanID)","name":"\#(name)"}]}]}]}"#
    }

    @Test("A span with every field", arguments: [1, 7, Int.max])
    func vector(piece: Int) throws {
        let (spans, decoder) = decode(try Golden.text("trace_full.json"), piece: piece)
        let reasons = decoder.problems.map(\.reason)
        #expect(reasons.count == 1, "a time beyond the year 2262: \(reasons)")
        #expect(reasons.first?.hasSuffix("it is read as 9223372036854775807") == true)
        let decoded = try #require(spans.first)
        #expect(decoded.resource["service.name"] == "svc")
        #expect(decoded.resource.schemaURL == "https://opentelemetry.io/schemas/1.44.0")
        #expect(decoded.scope.name == "lib")
        #expect(decoded.scope.version == "1.2")
        #expect(decoded.scope.attributes == [Attribute("sa", true)])
        #expect(decoded.scope.schemaURL == "u")
        var span = decoded.span
        var expected = RecordedSpan.everything
        #expect("\(span.attributes)" == "\(expected.attributes)", "NaN is not equal to itself")
        (span.attributes, expected.attributes) = ([], [])
        #expect(span == expected)
    }

    @Test("The decoder reads what the encoder writes, with hostile texts and in any pieces", arguments: 0..<20)
    func roundTrip(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let records = DetachedRecords()
        var expected: [RecordedSpan] = []
        for number in 0..<50 {
            var span = RecordedSpan.smallest
            span.name = HostileText.make(&random, 1...20)
            span.attributes = (0..<Int.random(in: 0...5, using: &random)).map {
                Attribute("\($0)" + HostileText.make(&random, 0...9), .string(HostileText.make(&random, 0...30)))
            }
            span.attributes.append(Attribute("number", .int(Int64(number))))
            span.status =
                [.unset, .ok, .error(HostileText.make(&random, 1...9))].randomElement(using: &random) ?? .unset
            expected.append(span)
            records.append(span)
        }
        let encoder = TraceEncoder(.json, resource: Resource(), scope: InstrumentationScope())
        _ = encoder.encode(records, spanLimit: .max, byteLimit: .max)
        let (spans, decoder) = decode(Array(encoder.bytes), piece: Int.random(in: 1...300, using: &random))
        #expect(decoder.problems.isEmpty)
        #expect(spans.map(\.span) == expected)
    }

    @Test("Lines with any ending and with blank lines between them")
    func lines() {
        let text = "\u{FEFF}\r\n" + line("a") + "\r\n\n  \n" + line("b") + line("c") + "\n" + line("d")
        let (spans, decoder) = decode(text, piece: 3)
        #expect(spans.map(\.span.name) == ["a", "b", "c", "d"])
        #expect(decoder.problems.isEmpty)
    }

    @Test("A cut line does not affect its neighbours")
    func tornLines() {
        let whole = line("b")
        for cut in [20, 60, 150, whole.utf8.count - 6] {
            let text = line("a") + "\n" + String(whole.utf8.prefix(cut))! + "\n" + line("c") + "\n"
            let (spans, decoder) = decode(text)
            #expect(spans.map(\.span.name).filter { $0 != "b" } == ["a", "c"], "cut at \(cut)")
            #expect(decoder.problemCount == 1)
            #expect(decoder.problems.first?.line == 2)
            let (last, lastDecoder) = decode(line("a") + "\n" + String(whole.utf8.prefix(cut))!)
            #expect(last.map(\.span.name).first == "a")
            #expect(
                lastDecoder.problems.first?.description.hasPrefix("line 2, column \(cut + 1): the object is cut off")
                    == true
            )
        }
    }

    @Test("Pretty-printed JSON with keys in another order")
    func prettyPrinted() {
        let text = """
            {
              "resourceSpans": [
                {
                  "scopeSpans": [ { "spans": [
                    { "name": "a", "spanId": "A1A2A3A4A5A6A7A8", "traceId": "0102030405060708090A0B0C0D0E0F10" }
                  ], "scope": null } ],
                  "resource": { "attributes": [ { "value": { "stringValue": "s" }, "key": "service.name" } ] }
                }
              ]
            }
            """
        let (spans, decoder) = decode(text + "\n" + line("b"))
        #expect(spans.map(\.span.name) == ["a", "b"])
        #expect(spans.first?.resource["service.name"] == "s")
        #expect(decoder.problems.isEmpty)
    }

    @Test("Forms of other exporters: snake_case, names of enums, numbers, base64 ids, nulls, unknown keys")
    func variants() throws {
        let text = #"""
            {"future":[1,{"a":[]}],"resource_spans":[{"resource":null,"scope_spans":[{"scope":{"name":null},"spans":[
            {"trace_id":"AQIDBAUGBwgJCgsMDQ4PEA==","span_id":"oaKjpKWmp6g=","parent_span_id":null,"name":"x","kind":"SPAN_KIND_SERVER",
            "start_time_unix_nano":1700000000000000001,"end_time_unix_nano":1.8e18,"new":{"deep":[{}]},
            "attributes":[{"key":"i","value":{"intValue":5}},{"key":"d","value":{"doubleValue":"3.25"}},{"key":"b","value":{"bytesValue":"_-8"}},
            {"key":"i","value":{"intValue":"6"}},{"key":"u","value":{"stringValue":"\ud83d\ude00\ud800x"}}],
            "status":{"code":"STATUS_CODE_ERROR","message":"m"},"flags":"769"}]}]}]}
            """#
        let (spans, decoder) = decode(text)
        #expect(decoder.problems.isEmpty, "\(decoder.problems)")
        let span = try #require(spans.first?.span)
        #expect(span.context.traceID == TraceID(hex: "0102030405060708090a0b0c0d0e0f10"))
        #expect(span.context.spanID == SpanID(hex: "a1a2a3a4a5a6a7a8"))
        #expect(span.parentSpanID == nil)
        #expect(span.parentIsRemote)
        #expect(span.kind == .server)
        #expect(span.startUnixNanoseconds == 1_700_000_000_000_000_001)
        #expect(span.endUnixNanoseconds == 1_800_000_000_000_000_000)
        #expect(span["i"] == 6, "the later value wins")
        #expect(span["d"] == 3.25)
        #expect(span["b"] == .bytes([0xFF, 0xEF]))
        #expect(span["u"] == "😀\u{FFFD}x")
        #expect(span.status == .error("m"))
    }

    @Test("A span with invalid ids is left out and reported")
    func badIDs() {
        let text = line("a", spanID: "0000000000000000") + "\n" + line("b", spanID: "abc") + "\n" + line("c")
        let (spans, decoder) = decode(text)
        #expect(spans.map(\.span.name) == ["c"])
        #expect(decoder.problems.map(\.line) == [1, 2])
        #expect(decoder.problems.first?.reason == "the span 'a' has no valid ids; it is left out")
    }

    @Test("Metrics and logs are counted; other text is reported once a line")
    func otherContent() {
        let (spans, decoder) = decode("{\"resourceMetrics\":[]}\n{\"resourceLogs\":[{}]}\nhello {\n" + line("a"))
        #expect(decoder.otherSignalCount == 2)
        #expect(decoder.problems.first?.line == 3)
        #expect(spans.count <= 1)
    }

    @Test("An object above the size limit is skipped")
    func longObjects() {
        let long = line(String(repeating: "x", count: 5_000))
        let (spans, decoder) = decode(long + "\n" + line("a"), piece: 100, maximumBytes: 2_000)
        #expect(spans.map(\.span.name) == ["a"])
        #expect(
            decoder.problems.map(\.description) == [
                "line 1, column 1: the object is longer than 2000 bytes; it is left out"
            ]
        )
    }

    private func span(_ fields: String) -> String {
        line("a").replacingLast("\"name\":\"a\"", with: "\"name\":\"a\",\(fields)")
    }

    @Test(
        "An invalid field does not affect the rest of its span",
        arguments: [
            #""attributes":{}"#, #""events":[null,7,{"name":3}]"#, #""events":"x""#, #""links":{"a":[]}"#,
            #""traceState":{}"#,
            #""startTimeUnixNano":-5"#, #""endTimeUnixNano":"soon""#, #""kind":[1]"#, #""status":[]"#, #""flags":{}"#,
            #""droppedAttributesCount":1e99"#, #""parentSpanId":[{}]"#,
            #""attributes":[7,null,{"key":{},"value":{"stringValue":"x"}}]"#,
        ]
    )
    func nonsenseFields(fields: String) throws {
        let (spans, decoder) = decode(span(fields) + "\n" + line("b"), piece: 50)
        #expect(spans.map(\.span.name) == ["a", "b"])
        #expect(decoder.problemCount >= 1)
        #expect(decoder.problems.allSatisfy { $0.line == 1 && $0.column > 100 })
    }

    @Test("A value out of range becomes the nearest one and is reported with its position")
    func nearestValues() throws {
        let values =
            #"{"intValue":"99999999999999999999"}},{"key":"b","value":{"bytesValue":"?"}},{"key":"c","value":"plain"}"#
        let text = span(#""attributes":[{"key":"a","value":\#(values)]"#)
        let (spans, decoder) = decode(text)
        let span = try #require(spans.first?.span)
        #expect(span["a"] == .double(1e20))
        #expect(span["b"] == "?")
        #expect(span["c"] == "plain")
        let place = try #require(text.range(of: "\"99999"))
        let column = text.utf8.distance(from: text.startIndex, to: place.lowerBound) + 1
        #expect(
            decoder.problems.first?.description
                == "line 1, column \(column): '99999999999999999999' is not a 64-bit integer; it is read as a double"
        )
    }

    @Test("A span that ends before it starts has the duration 0")
    func negativeDuration() throws {
        let (spans, decoder) = decode(span(#""startTimeUnixNano":"20","endTimeUnixNano":"10""#))
        #expect(spans.first?.span.duration == .zero)
        #expect(
            decoder.problems.first?.reason == "the span 'a' ends before it starts; its duration is read as 0"
        )
    }

    @Test("A span that is not an object is skipped")
    func nonsenseSpans() {
        let text = line("a").replacingLast("\"spans\":[", with: "\"spans\":[7,\"x\",[],")
        #expect(decode(text).spans.map(\.span.name) == ["a"])
        #expect(decode(text).1.problemCount == 3)
    }

    @Test(
        "The line after a cut line is complete, wherever the cut and the ends of the pieces are",
        arguments: [false, true]
    )
    func tearsAndPieces(hasLineEnd: Bool) {
        let spaced = #"{ "resource_spans": ["# + line("b").dropFirst(#"{"resourceSpans":["#.count)
        for second in [line("b"), spaced] {
            let torn = line("a").utf8
            for cut in stride(from: 2, to: torn.count - 1, by: 7) {
                let text = String(torn.prefix(cut))! + (hasLineEnd ? "\n" : "") + second + "\n" + line("c")
                for piece in [1, cut + 1, cut + 3, cut + 9, .max] {
                    let (spans, decoder) = decode(text, piece: piece)
                    #expect(spans.map(\.span.name).suffix(2) == ["b", "c"], "cut at \(cut), pieces of \(piece)")
                    #expect(decoder.problemCount >= 1)
                }
            }
        }
    }

    @Test("The time for a span with 20,000 keys is linear")
    func manyKeys() throws {
        let keys = (0..<20_000).map { #"{"key":"k\#($0 % 15_000)","value":{"intValue":"\#($0)"}}"# }.joined(
            separator: ","
        )
        let (spans, _) = decode(span("\"attributes\":[\(keys)]"))
        let span = try #require(spans.first?.span)
        #expect(span.attributes.count == 15_000)
        #expect(span.attributes[3] == Attribute("k3", 15_003), "the later value, at the earlier place")
    }

    @Test("Problems are limited in number and contain no control characters")
    func boundedProblems() {
        let bad = #"{"key":"k","value":{"intValue":"\#("\u{1B}")[31m"}}"#
        let (_, decoder) = decode(
            span("\"attributes\":[\(Array(repeating: bad, count: 5_000).joined(separator: ","))]")
        )
        #expect(decoder.problemCount == 5_000)
        #expect(decoder.problems.count == 100)
        #expect(!decoder.problems.contains { $0.reason.unicodeScalars.contains("\u{1B}") })
    }

    @Test("Requests in a list, and other objects")
    func listsAndOthers() {
        let (spans, decoder) = decode("[\(line("a")),\n\(line("b"))]\n{\"hello\":1}\n{}")
        #expect(spans.map(\.span.name) == ["a", "b"])
        #expect(decoder.problems.map(\.description) == ["line 3, column 1: the object has no resourceSpans"])
    }

    @Test("An error thrown by the closure stops reading")
    func stopping() throws {
        struct Enough: Error {}
        var decoder = TraceDecoder()
        var names: [String] = []
        #expect(throws: Enough.self) {
            try decoder.decode(Array((line("a") + line("b") + line("c")).utf8)) { (span) throws(Enough) in
                if names.count == 1 { throw Enough() }
                names.append(span.span.name)
            }
        }
        #expect(names == ["a"])
        #expect(decoder.spanCount == 1)
    }

    @Test("A value at the recorder's maximum depth is kept")
    func depth() throws {
        let open = String(repeating: #"{"arrayValue":{"values":["#, count: 64)
        let close = String(repeating: "]}}", count: 64)
        let (spans, decoder) = decode(span(#""attributes":[{"key":"k","value":\#(open){"intValue":5}\#(close)}]"#))
        #expect(decoder.problems.isEmpty)
        var value = try #require(spans.first?.span["k"])
        while case .array(let values) = value { value = try #require(values.first) }
        #expect(value == 5)
    }

    @Test("Unlimited nesting is cut off")
    func deepNesting() {
        let open = String(repeating: #"{"arrayValue":{"values":["#, count: 5_000)
        let close = String(repeating: "]}}", count: 5_000)
        let text = line("a").replacingLast(
            "\"name\":\"a\"",
            with: "\"name\":\"a\",\"attributes\":[{\"key\":\"k\",\"value\":\(open)\(close)}]"
        )
        let (spans, decoder) = decode(text)
        #expect(spans.count == 1)
        #expect(
            decoder.problems.map(\.reason) == ["the value is nested more than 64 levels deep; the rest is read as null"]
        )
        #expect(decode(String(repeating: "[", count: 100_000)).0.isEmpty)
        #expect(decode(String(repeating: "{\"a\":", count: 100_000)).0.isEmpty)
    }

    @Test("Random input does not crash the decoder")
    func fuzz() throws {
        var random = SplitMix64(seed: 9)
        let seeds = [
            Array(try Golden.text("trace_full.json").utf8), Array((line("a") + "\n" + line("b")).utf8),
            Array(try Golden.text("metrics_full.json").utf8),
        ]
        let tokens = [
            "{", "}", "[", "]", "\"", "\\", "\\u", "d800", ",", ":", "null", "1e999", "-", "\n", "\u{FEFF}", "spans",
        ]
        for _ in 0..<FuzzRounds.count {
            var bytes = seeds.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let place = Int.random(in: 0..<max(1, bytes.count), using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0 where !bytes.isEmpty: bytes[place] = .random(in: 0...255, using: &random)
                case 1:
                    bytes.insert(
                        contentsOf: (tokens.randomElement(using: &random) ?? "").utf8,
                        at: min(place, bytes.count)
                    )
                case 2 where !bytes.isEmpty:
                    bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...40, using: &random)))
                default: bytes = Array(bytes.prefix(place + 1))
                }
            }
            let (spans, decoder) = decode(bytes, piece: Int.random(in: 1...4_000, using: &random))
            #expect(decoder.spanCount == spans.count)
            #expect(decoder.problems.count == min(decoder.problemCount, 100))
            let lines = bytes.count { $0 == 0x0A } + 1
            #expect(decoder.problems.allSatisfy { 1...lines ~= $0.line && 1...bytes.count + 1 ~= $0.column })
            #expect(
                spans.allSatisfy {
                    $0.span.context.isValid && ($0.span.duration >= .zero || $0.span.endUnixNanoseconds == 0)
                }
            )
        }
    }
}

extension String {
    fileprivate func replacingLast(_ text: String, with other: String) -> String {
        guard let range = range(of: text, options: .backwards) else { return self }
        return replacingCharacters(in: range, with: other)
    }
}
