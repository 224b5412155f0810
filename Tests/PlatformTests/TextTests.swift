import SpanKitPlatform
import SpanKitTestSupport
import Testing

@Suite("Numbers and bytes as text")
struct TextTests {
    @Test("sixteen hexadecimal digits are written and read; upper case, other lengths and other characters are refused")
    func hexadecimal() {
        for value in [0, 1, 0x0123_4567_89AB_CDEF, .max] as [UInt64] {
            let digits = value.hexadecimalDigits
            #expect(digits.utf8.count == 16)
            #expect(UInt64(hexadecimalDigits: digits.utf8) == value)
            #expect(UInt64(digits, radix: 16) == value)
        }
        #expect(UInt64(0x00AB).hexadecimalDigits == "00000000000000ab")
        #expect((UInt64(0xABCD) << 48).hexadecimalDigits(first: 3) == "abc")
        for text in ["", "0", "00000000000000AB", "000000000000000g", "00000000000000000", "+000000000000001"] {
            #expect(UInt64(hexadecimalDigits: text.utf8) == nil, "\(text)")
        }
        #expect([UInt8]([0x00, 0x0F, 0xF0, 0xAB]).hexadecimalDigits == "000ff0ab")
    }

    @Test("hexadecimal digits are read in either case, or in lower case only")
    func digits() {
        for byte in UInt8.min ... .max {
            let character = String(Unicode.Scalar(byte))
            let expected = byte < 0x80 && character.allSatisfy(\.isHexDigit) ? UInt8(character, radix: 16) : nil
            #expect(byte.hexadecimalValue == expected)
            #expect(byte.lowerCaseHexadecimalValue == (character == character.lowercased() ? expected : nil))
        }
    }

    @Test("texts are compared by bytes")
    func byteOrder() {
        var random = SplitMix64(seed: 3)
        var texts = ["", "a", "ab", "b", "é", "e\u{301}", "🎯", "\u{0}"]
        for _ in 0..<60 { texts.append(HostileText.make(&random, 0...20)) }
        for left in texts {
            for right in texts {
                let (bytes, others) = (Array(left.utf8), Array(right.utf8))
                let order = left.byteOrder(right)
                #expect((order == 0) == (bytes == others))
                #expect((order < 0) == bytes.lexicographicallyPrecedes(others))
            }
        }
    }

    @Test(
        "percent-encoded texts are decoded",
        arguments: [
            ("", ""), ("a+b", "a+b"), ("%41%62%c3%A9", "Abé"), ("100%25", "100%"), ("%", nil), ("%4", nil),
            ("%4g", nil),
            ("%+1", nil), ("%ff", nil),
        ] as [(String, String?)]
    )
    func percentDecoding(text: String, decoded: String?) {
        #expect(PercentCoding.decode(text) == decoded)
    }

    @Test("bytes that are not kept are percent-encoded in upper case, and decoding gives the original")
    func percentEncoding() {
        let isLetter: (UInt8) -> Bool = { (0x61...0x7A).contains($0) }
        #expect(PercentCoding.encode("a%é J", where: isLetter) == "a%25%C3%A9%20%4A")
        #expect(PercentCoding.encode("a%b", where: { _ in true }) == "a%25b")
        var random = SplitMix64(seed: 8)
        for _ in 0..<FuzzRounds.count {
            let text = HostileText.make(&random, 0...40)
            #expect(PercentCoding.decode(PercentCoding.encode(text, where: isLetter)) == text)
        }
    }

    @Test("quoted texts are short and contain nothing that a terminal acts on")
    func quoted() {
        #expect("a\u{1B}[2J\u{202E}b".quoted == "'a\u{FFFD}[2J\u{FFFD}b'")
        #expect(String(repeating: "x", count: 40).quoted == "'\(String(repeating: "x", count: 40))'")
        #expect(String(repeating: "x", count: 41).quoted == "'\(String(repeating: "x", count: 40))…'")
    }

    @Test("numbers are written with leading zeros or decimals")
    func decimals() {
        #expect([0, 7, 42, 123].map { $0.digits(2) } == ["00", "07", "42", "123"])
        #expect(UInt64.max.digits(12) == "18446744073709551615")
        #expect([0, 7, 1_234].map { $0.fixedPoint(2) } == ["0.00", "0.07", "12.34"])
        #expect(1_234.fixedPoint(0) == "1234")
    }

    @Test("the checksum is CRC-32C")
    func checksum() {
        #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    }
}
