import CSpanKit
import SpanKitOTLP

/// Compresses a body with gzip without searching for repeated bytes: the encoder says where they may be.
///
/// A hint names a position and a slot. The bytes at the position are compared with those at the last hint with the same slot, and
/// what is equal becomes a match. All other bytes become literals. So the result is right whatever the hints say, and depends only
/// on the body and its hints.
///
/// Used by one thread at a time.
final class TemplateCompressor {
    /// Literals and the match after them. The last one has no match.
    private struct Step: BitwiseCopyable {
        let literals: UInt32
        let length: UInt16
        /// The distance minus one.
        let distance: UInt16

        @inline(__always)
        init(literals: Int, length: Int, distance: Int) {
            self.literals = UInt32(truncatingIfNeeded: literals)
            self.length = UInt16(truncatingIfNeeded: length)
            self.distance = UInt16(truncatingIfNeeded: distance &- 1)
        }
    }

    private var steps = GrowingMemory<Step>()
    /// For each slot, where it occurred last, in a numbering that goes on over all bodies.
    private var last = GrowingMemory<Int>()
    /// The number of the body's first byte.
    private var base = DeflateCodes.longestDistance + 1
    private var counts = SymbolCounts()

    /// Shorter matches take as many bits as the literals.
    private static let shortestMatch = 4
    /// Identification, method and no flags, no time, fastest method, Unix (RFC 1952).
    private static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 4, 3]

    /// The bytes as one gzip member; nil if it would be larger than the bytes.
    func compress(_ bytes: UnsafeRawBufferPointer, _ hints: UnsafeBufferPointer<RepeatHint>) -> [UInt8]? {
        guard let start = bytes.baseAddress, bytes.count < Int(Int32.max) else { return nil }
        let stepCount = findMatches(start, bytes.count, hints)
        let codes = DeflateCodes(literals: Array(counts.literals), distances: Array(counts.distances))
        let size = (codes.bitCount(counts) + 7) / 8 + Self.header.count + 8
        guard size < bytes.count else { return nil }
        return [UInt8](unsafeUninitializedCapacity: size + 8) { buffer, count in
            let memory = UnsafeMutableRawBufferPointer(buffer)
            memory.copyBytes(from: Self.header)
            guard let output = memory.baseAddress else { return }
            var bits = BitWriter(output + Self.header.count)
            codes.writeHeader(&bits)
            write(stepCount, from: start, codes, &bits)
            let end = bits.end()
            end.storeBytes(of: spankit_crc32(start, bytes.count).littleEndian, as: UInt32.self)
            end.storeBytes(of: UInt32(bytes.count).littleEndian, toByteOffset: 4, as: UInt32.self)
            count = end + 8 - output
            assert(count == size)
        }
    }

    // MARK: Finding matches

    /// Divides the body into ``steps``, and counts symbols.
    /// - Returns: the number of steps.
    private func findMatches(
        _ start: UnsafeRawPointer,
        _ count: Int,
        _ hints: UnsafeBufferPointer<RepeatHint>
    ) -> Int {
        counts.reset()
        // Each hint begins at most one match, and a long match becomes several.
        steps.reserve(hints.count + count / 250 + 2)
        last.reserve(1 + hints.reduce(0) { max($0, Int($1.slot)) })
        // Local copies stay in registers.
        let (last, counts, base) = (last.start, counts, base)
        var step = steps.start
        var literals = 0
        var position = 0
        for index in hints.indices {
            let hint = Int(hints[index].position)
            let slot = last + Int(hints[index].slot)
            let distance = base &+ hint &- slot.pointee
            slot.pointee = base &+ hint
            // Inside of a match, only the last hint counts: the match goes on there if its own source did not fit any more.
            if index &+ 1 < hints.count, Int(hints[index &+ 1].position) <= position { continue }
            let from = max(hint, position)
            guard distance <= DeflateCodes.longestDistance, from < count else { continue }
            var length = Self.commonLength(start + from, start + (from &- distance), limit: count &- from)
            guard length >= Self.shortestMatch else { continue }
            counts.add(literals: start + literals, from &- literals)
            var between = from &- literals
            position = from &+ length
            literals = position
            repeat {
                // Never leaves one or two bytes, which no match can have.
                let piece =
                    length <= DeflateCodes.longestMatch ? length : min(DeflateCodes.longestMatch, length &- 3)
                step.initialize(to: Step(literals: between, length: piece, distance: distance))
                step += 1
                counts.add(length: piece, distance: distance)
                between = 0
                length &-= piece
            } while length > 0
        }
        counts.add(literals: start + literals, count - literals)
        step.initialize(to: Step(literals: count - literals, length: 0, distance: 1))
        self.base += count + DeflateCodes.longestDistance + 1
        return step + 1 - steps.start
    }

    /// How many bytes are equal from two positions on, at most `limit`.
    @inline(__always)
    private static func commonLength(_ one: UnsafeRawPointer, _ other: UnsafeRawPointer, limit: Int) -> Int {
        var length = 0
        while length &+ 8 <= limit {
            let different =
                (one + length).loadUnaligned(as: UInt64.self).littleEndian
                ^ (other + length).loadUnaligned(as: UInt64.self).littleEndian
            if different != 0 { return length &+ different.trailingZeroBitCount &>> 3 }
            length &+= 8
        }
        while length < limit, (one + length).load(as: UInt8.self) == (other + length).load(as: UInt8.self) {
            length &+= 1
        }
        return length
    }

    // MARK: Writing

    private func write(_ count: Int, from start: UnsafeRawPointer, _ codes: DeflateCodes, _ bits: inout BitWriter) {
        let steps = UnsafeBufferPointer(start: steps.start, count: count)
        codes.literals.codes.withUnsafeBufferPointer { literals in
            codes.distances.codes.withUnsafeBufferPointer { distances in
                codes.lengths.withUnsafeBufferPointer { Self.write(steps, from: start, literals, $0, distances, &bits) }
            }
        }
        bits.put(code: codes.literals.codes[DeflateCodes.endOfBlock])
        bits.flush()
    }

    private static func write(
        _ steps: UnsafeBufferPointer<Step>,
        from start: UnsafeRawPointer,
        _ literals: UnsafeBufferPointer<UInt32>,
        _ lengths: UnsafeBufferPointer<UInt32>,
        _ distances: UnsafeBufferPointer<UInt32>,
        _ output: inout BitWriter
    ) {
        // A local copy stays in registers.
        var bits = output
        var position = start
        for step in steps {
            let end = position + Int(step.literals)
            while end - position >= 4 {
                let four = position.loadUnaligned(as: UInt32.self).littleEndian
                bits.put(code: literals[Int(four & 0xFF)])
                bits.put(code: literals[Int(four &>> 8 & 0xFF)])
                bits.put(code: literals[Int(four &>> 16 & 0xFF)])
                bits.put(code: literals[Int(four &>> 24)])
                bits.flush()
                position += 4
            }
            while position < end {
                bits.put(code: literals[Int(position.load(as: UInt8.self))])
                position += 1
            }
            bits.flush()
            guard step.length > 0 else { continue }
            let length = lengths[Int(step.length)]
            bits.put(length & 0xFF_FFFF, length &>> 24)
            let range = DeflateCodes.distanceRange(Int(step.distance))
            let extra = UInt32(truncatingIfNeeded: DeflateCodes.extraDistanceBits(range))
            bits.put(code: distances[range])
            bits.put(UInt32(step.distance) & (1 &<< extra &- 1), extra)
            bits.flush()
            position += Int(step.length)
        }
        output = bits
    }
}
