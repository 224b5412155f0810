/// A canonical Huffman code, as DEFLATE uses it (RFC 1951, section 3.2.2).
struct HuffmanCode {
    /// The number of bits of each symbol; 0 for a symbol that does not occur.
    private(set) var lengths: [UInt8]
    /// For each symbol, the bits in the order in which they are written, and their number in the upper half.
    private(set) var codes: [UInt32]

    /// The longest code that ``BitWriter`` takes four of without writing in between.
    static let longest = 14

    /// Creates the code with the smallest output for the given frequencies.
    /// - Parameters:
    ///   - frequencies: how often each symbol occurs. At least one occurs.
    ///   - longest: the largest number of bits of a symbol, at most 15.
    init(_ frequencies: some Collection<UInt32>, longest: Int = Self.longest) {
        var occurring: [UInt64] = []
        for (symbol, frequency) in frequencies.enumerated() where frequency > 0 {
            occurring.append(UInt64(frequency) << 16 | UInt64(symbol))
        }
        occurring.sort()
        lengths = [UInt8](repeating: 0, count: frequencies.count)
        codes = [UInt32](repeating: 0, count: frequencies.count)
        // The rarest symbols have the longest codes.
        var counts = Self.counts(occurring.map { Int($0 >> 16) }, longest: longest)
        var length = longest
        for entry in occurring {
            while counts[length] == 0 { length -= 1 }
            counts[length] -= 1
            lengths[Int(entry & 0xFFFF)] = UInt8(length)
        }
        assignCodes()
    }

    /// How many codes there are of each length.
    ///
    /// Moffat and Katajainen, "In-place calculation of minimum-redundancy codes" (1995). Codes that are too long are shortened as in
    /// zlib: each step moves a shorter code one level down and puts a code that is too long beside it.
    /// - Parameter frequencies: in rising order.
    private static func counts(_ frequencies: [Int], longest: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: longest + 1)
        let count = frequencies.count
        guard count > 1 else {
            counts[1] = count
            return counts
        }
        // First the weights of the inner nodes, then the positions of their parents, then the depths of the nodes.
        var tree = frequencies
        tree[0] += tree[1]
        var (root, leaf) = (0, 2)
        for next in 1..<count - 1 {
            tree[next] = 0
            for _ in 0..<2 {
                if leaf >= count || root < next && tree[root] < frequencies[leaf] {
                    tree[next] += tree[root]
                    tree[root] = next
                    root += 1
                } else {
                    tree[next] += frequencies[leaf]
                    leaf += 1
                }
            }
        }
        tree[count - 2] = 0
        for node in stride(from: count - 3, through: 0, by: -1) { tree[node] = tree[tree[node]] + 1 }
        // The leaves of each depth are the places of that depth that no inner node takes.
        var (places, depth, node) = (1, 0, count - 2)
        var tooMany = 0
        while places > 0 {
            var inner = 0
            while node >= 0, tree[node] == depth {
                inner += 1
                node -= 1
            }
            counts[min(depth, longest)] += places - inner
            // In units of the longest code.
            if depth > longest { tooMany += places - inner }
            (places, depth) = (2 * inner, depth + 1)
        }
        return tooMany > 0 ? shortened(counts, longest: longest) : counts
    }

    /// Makes the code complete again after all codes that are too long got the largest length.
    private static func shortened(_ counts: [Int], longest: Int) -> [Int] {
        var counts = counts
        var excess = (1...longest).reduce(0) { $0 + counts[$1] << (longest - $1) } - 1 << longest
        while excess > 0 {
            guard let length = (1..<longest).last(where: { counts[$0] > 0 }) else { break }
            counts[length] -= 1
            counts[length + 1] += 2
            counts[longest] -= 1
            excess -= 1
        }
        return counts
    }

    private mutating func assignCodes() {
        var next = [UInt32](repeating: 0, count: 17)
        for length in lengths where length > 0 { next[Int(length) + 1] += 1 }
        // `next[n]` is the number of codes of n - 1 bits, and becomes the first code of n bits.
        for length in 1..<17 { next[length] = (next[length - 1] + next[length]) << 1 }
        for symbol in lengths.indices where lengths[symbol] > 0 {
            let length = UInt32(lengths[symbol])
            let code = next[Int(length)]
            next[Int(length)] += 1
            codes[symbol] = UInt32(UInt16(truncatingIfNeeded: code).reversedBits >> (16 - length)) | length << 16
        }
    }

    /// The number of bits of all symbols with the given frequencies.
    func bitCount(_ frequencies: some Collection<UInt32>) -> Int {
        zip(frequencies, lengths).reduce(0) { $0 + Int($1.0) * Int($1.1) }
    }
}

extension UInt16 {
    /// DEFLATE writes codes from their highest bit, and everything else from the lowest.
    fileprivate var reversedBits: UInt16 {
        var bits = self
        bits = bits >> 1 & 0x5555 | (bits & 0x5555) << 1
        bits = bits >> 2 & 0x3333 | (bits & 0x3333) << 2
        bits = bits >> 4 & 0x0F0F | (bits & 0x0F0F) << 4
        return bits.byteSwapped
    }
}
