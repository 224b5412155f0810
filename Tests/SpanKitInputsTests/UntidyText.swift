import SpanKitTestSupport

/// Random text of lines with spans, most of them damaged or in an unusual layout.
struct UntidyText {
    var random: SplitMix64

    mutating func pick(_ parts: [String]) -> String { parts[Int.random(in: 0..<parts.count, using: &random)] }

    mutating func digits(_ count: Int) -> String {
        String((0..<count).map { _ in "0123456789abcdefABCDEF".randomElement(using: &random) ?? "0" })
    }

    mutating func text() -> String {
        let parts = [
            "a", "é", "\\n", "\\\"", "\\\\", "{", "}", "[", "{\\\"resourceSpans\\\"", "\\u00e9", "\\ud83d", " ", ":",
            ",", "plain text",
        ]
        return (0..<Int.random(in: 0...12, using: &random)).map { _ in pick(parts) }.joined()
    }

    mutating func value() -> String {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: #"{"stringValue":"\#(text())"}"#
        case 1: #"{"intValue":"\#(pick(["0", "-5", "123456789012345678", "9223372036854775808", "1e3", "x", ""]))"}"#
        case 2: #"{"intValue":\#(pick(["7", "-0", "1.5", "null", "01"]))}"#
        case 3: #"{"doubleValue":\#(pick(["0.1", "-12.25", "1e400", "123456789012345.5", ".5", "5.", "-0", "0.3"]))}"#
        case 4: #"{"boolValue":\#(pick(["true", "\"false\"", "1", "maybe"]))}"#
        case 5: #"{"arrayValue":{"values":[\#(value()),{"stringValue":"b"}]}}"#
        case 6: #"{"kvlistValue":{"values":[{"key":"k","value":\#(value())}]}}"#
        default: pick(["{}", "null", "\"plain\"", "12", "[1]", #"{"other":[{}]}"#])
        }
    }

    mutating func span() -> String {
        var members = [
            #""traceId":"\#(digits(Int.random(in: 0..<8, using: &random) == 0 ? 31 : 32))""#,
            #""spanId":"\#(digits(16))""#,
            #""name":"\#(text())""#,
            #""startTimeUnixNano":"\#(pick(["1790000000331000000", "5", "9999999999999999999", ""]))""#,
            #""endTimeUnixNano":\#(pick(["\"1790000000331000009\"", "17", "1.79e18", "-1"]))"#,
            #""kind":\#(pick(["1", "3", "\"SPAN_KIND_SERVER\"", "99"]))"#,
            #""attributes":[{"key":"a.\#(text())","value":\#(value())},{"key":"b","value":\#(value())}]"#,
            #""status":\#(pick(["{}", #"{"code":2,"message":"m"}"#, "null", "3"]))"#,
            #""events":[{"name":"e","timeUnixNano":"1790000000331000000","attributes":[]}]"#,
            #""unknown":{"x":[1,{"y":"z"}]}"#,
        ]
        if Bool.random(using: &random) { members.shuffle(using: &random) }
        if Int.random(in: 0..<4, using: &random) == 0 { members.removeLast(3) }
        return "{" + members.joined(separator: pick([",", ",", ", ", ",\n  "])) + "}"
    }

    mutating func object() -> String {
        let spans = (0..<Int.random(in: 0...4, using: &random)).map { _ in span() }.joined(
            separator: pick([",", ",", " "])
        )
        let resource = #""resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}]}"#
        let scopes = #""scopeSpans":[{"scope":{"name":"app"},"spans":[\#(spans)],"schemaUrl":"u"}]"#
        let inner = Bool.random(using: &random) ? "\(resource),\(scopes)" : "\(scopes),\(resource)"
        let whole = #"{"resourceSpans":[{\#(inner)}]}"#
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return String(whole.prefix(Int.random(in: 0...whole.count, using: &random)))
        case 1: return #"{"trace":\#(whole)}"#
        case 2: return whole.replacing(",", with: ",\n")
        case 3: return "[\n" + whole + ",\n" + whole + "\n]"
        case 4: return #"{"other":\#(whole)}"#
        case 5: return String(whole.prefix(whole.count / 2)) + whole
        default: return whole
        }
    }

    mutating func bytes() -> [UInt8] {
        var bytes: [UInt8] = Bool.random(using: &random) ? [] : [0xEF, 0xBB, 0xBF]
        for _ in 0..<Int.random(in: 0...8, using: &random) {
            bytes += Array((object() + pick(["\n", "\n", "\n", "\r\n", "\n\n", "", " garbage\n"])).utf8)
        }
        for _ in 0..<Int.random(in: 0...2, using: &random) where !bytes.isEmpty {
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        return bytes
    }
}
