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
    private var steps = GrowingMemory<Step>()
    /// For each slot, where it occurred last, in a numbering that goes on over all bodies.
    private var last = GrowingMemory<Int>()
    /// The number of the body's first byte.
    private var base = DeflateCodes.longestDistance + 1
    private var counts = SymbolCounts()
    /// For each hash of four bytes, where they occurred last, in the same numbering.
    private var places = GrowingMemory<Int>()

    private static let placeBits = 12
    private static let searchedBytes = 16 * 1_024

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
        // Each hint begins at most one match, a long match becomes several, and the search finds some.
        steps.reserve(hints.count + count / 250 + Self.searchedBytes / Self.shortestMatch + 2)
        places.reserve(1 << Self.placeBits)
        last.reserve(1 + hints.reduce(0) { max($0, Int($1.slot)) })
        // Local copies stay in registers.
        let (last, base) = (last.start, base)
        var writer = StepWriter(steps.start, counts)
        var position = 0
        for index in hints.indices {
            let hint = Int(hints[index].position)
            let slot = last + Int(hints[index].slot)
            let distance = base &+ hint &- slot.pointee
            slot.pointee = base &+ hint
            // Inside of a match, only the last hint counts: the match goes on there if its own source did not fit any more.
            if index &+ 1 < hints.count, Int(hints[index &+ 1].position) <= position { continue }
            let from = max(hint, position)
            guard distance > 0, distance <= DeflateCodes.longestDistance, from < count else { continue }
            let length = Self.commonLength(start + from, start + (from &- distance), limit: count &- from)
            guard length >= Self.shortestMatch else { continue }
            if position < Self.searchedBytes { search(start, position, from, &writer) }
            writer.add(start, to: from, length, distance)
            position = from &+ length
        }
        if position < Self.searchedBytes { search(start, position, count, &writer) }
        writer.finish(start, count)
        self.base += count + DeflateCodes.longestDistance + 1
        return writer.count(from: steps.start)
    }

    /// Searches for the bytes between two matches with a hash table, as other compressors do. Only at the start of a body, where few
    /// hints have an earlier one: small bodies consist of it.
    @inline(never)
    private func search(_ start: UnsafeRawPointer, _ from: Int, _ to: Int, _ writer: inout StepWriter) {
        let places = places.start
        var position = from
        while position &+ 4 <= to {
            let bytes = (start + position).loadUnaligned(as: UInt32.self)
            // Multiplicative hashing (Knuth, The Art of Computer Programming, volume 3, section 6.4).
            let place = places + Int((bytes &* 0x9E37_79B1) &>> UInt32(32 - Self.placeBits))
            let distance = base &+ position &- place.pointee
            place.pointee = base &+ position
            if distance <= DeflateCodes.longestDistance {
                let length = Self.commonLength(start + position, start + (position &- distance), limit: to &- position)
                if length >= Self.shortestMatch {
                    writer.add(start, to: position, length, distance)
                    position &+= length
                    continue
                }
            }
            position &+= 1
        }
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

/// Literals and the match after them. The last one has no match.
private struct Step: BitwiseCopyable {
    let literals: UInt32
    let length: UInt16
    /// The distance minus one.
    let distance: UInt16
}

/// Adds steps to memory with enough room, and counts their symbols.
private struct StepWriter {
    private var step: UnsafeMutablePointer<Step>
    private let counts: SymbolCounts
    /// Where the literals begin that no step has yet.
    private var literals = 0

    init(_ start: UnsafeMutablePointer<Step>, _ counts: SymbolCounts) {
        step = start
        self.counts = counts
    }

    func count(from start: UnsafeMutablePointer<Step>) -> Int { step - start }

    /// Adds the literals before a match, and the match.
    @inline(__always)
    mutating func add(_ start: UnsafeRawPointer, to from: Int, _ length: Int, _ distance: Int) {
        counts.add(literals: start + literals, from &- literals)
        var between = from &- literals
        literals = from &+ length
        var length = length
        repeat {
            // Never leaves one or two bytes, which no match can have.
            let piece = length <= DeflateCodes.longestMatch ? length : min(DeflateCodes.longestMatch, length &- 3)
            append(between, piece, distance)
            counts.add(length: piece, distance: distance)
            between = 0
            length &-= piece
        } while length > 0
    }

    /// Adds the last literals.
    mutating func finish(_ start: UnsafeRawPointer, _ count: Int) {
        counts.add(literals: start + literals, count - literals)
        append(count - literals, 0, 1)
    }

    @inline(__always)
    private mutating func append(_ literals: Int, _ length: Int, _ distance: Int) {
        step.initialize(
            to: Step(
                literals: UInt32(truncatingIfNeeded: literals),
                length: UInt16(truncatingIfNeeded: length),
                distance: UInt16(truncatingIfNeeded: distance &- 1)
            )
        )
        step += 1
    }
}
