import SpanKitInputs
import SpanKitRecording
import SpanKitTestSupport
import Testing

@Suite("The format of the input is recognized from its first bytes")
struct TraceFormTests {
    private let element =
        #"{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}]},"scopeSpans":[{"scope":{"name":"lib"},"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"a1a2a3a4a5a6a7a8","name":"a"}]}]}"#

    @Test(
        "text is told from binary as soon as it can be",
        arguments: [
            "{\"", "{}", "{\n  ", "{\n\n ", "[\n  ", "[{", "# HELP", "\n\n{", "\n {", "\u{FEFF}{\"", " {", "é\n ",
            "z\nA\n\nh",
        ]
    )
    func text(beginning: String) {
        #expect(TraceForm.of(Array(beginning.utf8)[...], isWhole: false) == .text)
    }

    @Test("binary input is recognized by nested lengths that fit")
    func binary() throws {
        let request = try Wire.vector("trace_full.pb.hex")
        let forms: [([UInt8], TraceForm.Framing)] = [
            (request, .none), (Wire.framed(request), .fourBytes), (Wire.varint(request.count) + request, .varint),
            (Wire.framed([0x28, 0xB5, 0x2F, 0xFD]), .fourBytes),
        ]
        for (bytes, framing) in forms {
            var answers: [TraceForm?] = []
            for count in 0...min(20, bytes.count) { answers.append(TraceForm.of(bytes.prefix(count), isWhole: false)) }
            #expect(answers.last == .protobuf(framing))
            #expect(answers.allSatisfy { $0 == nil || $0 == .protobuf(framing) }, "no answer is taken back")
        }
    }

    @Test("no text of lines and blanks is taken for binary")
    func plainText() {
        var random = SplitMix64(seed: 4)
        let characters: [Character] = ["\n", "\n", " ", "\t", "{", "[", "\"", "a", "z", "1", "#"]
        for _ in 0..<FuzzRounds.count {
            let text = String((0..<70).map { _ in characters.randomElement(using: &random) ?? "a" })
            #expect(TraceForm.of(Array(text.utf8).prefix(64), isWhole: true) == .text, "\(text.debugDescription)")
        }
    }

    @Test("a text without spans gives the error messages for text")
    func otherText() {
        let decoding = Decoding("hello\nworld\n", piece: 1)
        #expect(
            decoding.problems == [
                "line 1, column 1: not an OTLP JSON object", "line 2, column 1: not an OTLP JSON object",
            ]
        )
        #expect(Decoding("\n").problems.isEmpty)
        #expect(Decoding("").problems.isEmpty)
    }

    @Test("old keys and wrappers of OTLP JSON", arguments: [1, Int.max])
    func wrappers(piece: Int) {
        let old = element.replacing("scopeSpans", with: "instrumentationLibrarySpans")
            .replacing("\"scope\"", with: "\"instrumentationLibrary\"")
        let forms = [
            element, old, "[\(element)]", #"{"batches":[\#(element)]}"#, #"{"trace":{"resourceSpans":[\#(element)]}}"#,
            #"{"trace":{"batches":[\#(element)]},"metrics":{}}"#, #"{"result":{"resourceSpans":[\#(element)]}}"#,
            #"{"resourceSpans":[\#(old)]}"#, #"{"schemaUrl":"u","resource_spans":[\#(element)]}"#,
        ]
        for form in forms {
            let decoding = Decoding(form + "\n" + form, piece: piece)
            #expect(decoding.names == ["a", "a"], "\(form.prefix(40))")
            #expect(decoding.spans.first?.scope.name == "lib")
            #expect(decoding.spans.first?.resource["service.name"] == "s")
            #expect(decoding.problems.isEmpty)
        }
        let others =
            #"{"trace":{"id":5}}"# + "\n" + #"{"result":"x"}"# + "\n" + #"{"data":7}"# + "\n" + #"{"data":[{"x":1}]}"#
        #expect(Decoding(others, piece: piece).decoder.problems.map(\.line) == [1, 2, 3, 4])
    }
}
