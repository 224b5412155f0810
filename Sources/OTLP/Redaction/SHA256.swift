/// SHA-256 (FIPS 180-4) and HMAC (RFC 2104), because the core of SpanKit uses no library that has them.
package enum SHA256 {
    private static let constants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]

    /// The 32 bytes of the digest.
    package static func digest(_ message: UnsafeRawBufferPointer) -> [UInt8] {
        var state: [UInt32] = [
            0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
        ]
        let whole = message.count / 64 * 64
        let length = UInt64(message.count) * 8
        let rest = Array(message[whole...])
        let end =
            rest + [0x80] + [UInt8](repeating: 0, count: (119 - rest.count) % 64)
            + (0..<8).map { UInt8(truncatingIfNeeded: length >> (56 - 8 * $0)) }
        state.withUnsafeMutableBufferPointer { state in
            constants.withUnsafeBufferPointer { constants in
                compress(UnsafeRawBufferPointer(rebasing: message[..<whole]), state, constants)
                end.withUnsafeBytes { compress($0, state, constants) }
            }
        }
        return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } }
    }

    package static func digest(_ message: [UInt8]) -> [UInt8] { message.withUnsafeBytes { digest($0) } }

    static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        let short = key.count > 64 ? digest(key) : key
        let full = short + [UInt8](repeating: 0, count: 64 - short.count)
        return digest(full.map { $0 ^ 0x5C } + digest(full.map { $0 ^ 0x36 } + message))
    }

    /// Updates the state with blocks of 64 bytes.
    private static func compress(
        _ blocks: UnsafeRawBufferPointer,
        _ state: UnsafeMutableBufferPointer<UInt32>,
        _ constants: UnsafeBufferPointer<UInt32>
    ) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { words in
            for block in stride(from: 0, to: blocks.count, by: 64) {
                for place in 0..<16 {
                    words[place] = UInt32(
                        bigEndian: blocks.loadUnaligned(fromByteOffset: block + 4 * place, as: UInt32.self)
                    )
                }
                for place in 16..<64 {
                    let (early, late) = (words[place - 15], words[place - 2])
                    let first = rotate(early, 7) ^ rotate(early, 18) ^ early >> 3
                    let second = rotate(late, 17) ^ rotate(late, 19) ^ late >> 10
                    words[place] = words[place - 16] &+ first &+ words[place - 7] &+ second
                }
                var (a, b, c, d) = (state[0], state[1], state[2], state[3])
                var (e, f, g, h) = (state[4], state[5], state[6], state[7])
                for round in 0..<64 {
                    let mixed = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
                    let first = h &+ mixed &+ (e & f ^ ~e & g) &+ constants[round] &+ words[round]
                    let turned = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
                    let second = turned &+ (a & b ^ a & c ^ b & c)
                    (h, g, f, e) = (g, f, e, d &+ first)
                    (d, c, b, a) = (c, b, a, first &+ second)
                }
                for (place, word) in [a, b, c, d, e, f, g, h].enumerated() { state[place] &+= word }
            }
        }
    }

    @inline(__always)
    private static func rotate(_ word: UInt32, _ bits: UInt32) -> UInt32 { word >> bits | word << (32 - bits) }
}
