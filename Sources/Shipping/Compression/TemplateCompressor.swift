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
    private var steps = WorkMemory<Step>()
    /// The literals of all steps, one after the other.
    private var literals = WorkMemory<UInt8>()
    /// For each slot, the number of the byte at its last hint. The numbering continues from one body to the next.
    private var last = WorkMemory<UInt32>(capacity: RepeatHint.slotCount)
    /// For each hash of four bytes, where they occurred last, in the same numbering.
    private var places = WorkMemory<UInt32>(capacity: 1 << placeBits)
    /// The number of the body's first byte.
    private var base: UInt32
    private var counts = SymbolCounts()
    private let comparesWide = spankit_compares_wide()

    /// The number of the first byte of the first body. It is larger than any distance, so that a cell that is still 0
    /// never gives a match.
    static let firstBase = UInt32(DeflateCodes.longestDistance) + 1

    /// - Parameter base: the number of the first byte of the first body, at least ``firstBase``.
    init(base: UInt32 = firstBase) {
        self.base = base
    }

    /// Gives back the memory that a large body needed.
    func shrink() {
        steps.shrink()
        literals.shrink()
    }

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
        let (literals, distances) = (counts.literals, counts.distances)
        let codes = DeflateCodes(literals: literals, distances: distances)
        let size = (codes.bitCount(literals: literals, distances: distances) + 7) / 8 + Self.header.count + 8
        guard size < bytes.count else { return nil }
        return [UInt8](unsafeUninitializedCapacity: size + 8) { buffer, count in
            let memory = UnsafeMutableRawBufferPointer(buffer)
            memory.copyBytes(from: Self.header)
            guard let output = memory.baseAddress else { return }
            var bits = BitWriter(output + Self.header.count)
            codes.writeHeader(&bits)
            write(stepCount, codes, &bits)
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
        // The maximum number of steps: each hint begins at most one match, a long match is divided into several, and
        // the search adds a few.
        steps.reserve(hints.count + count / 250 + Self.searchedBytes / Self.shortestMatch + 2)
        let room = UInt32(count) + Self.firstBase
        if UInt32.max - base < room {
            last.clear()
            places.clear()
            base = Self.firstBase
        }
        // Local copies stay in registers.
        let (last, mask, base, comparesWide) = (last.start, RepeatHint.slotCount - 1, base, comparesWide)
        literals.reserve(count + StepWriter.spare)
        var writer = StepWriter(steps.start, literals.start, counts, end: start + count)
        var position = 0
        for index in hints.indices {
            let hint = Int(hints[index].position)
            guard hint < count else { continue }
            let slot = last + Int(hints[index].slot) & mask
            let number = base &+ UInt32(truncatingIfNeeded: hint)
            let distance = Int(number &- slot.pointee)
            slot.pointee = number
            // Of several hints inside a match, only the last one is tried, at the end of the match. It may continue
            // where the source of the match no longer fits.
            if index &+ 1 < hints.count, Int(hints[index &+ 1].position) <= position { continue }
            let from = max(hint, position)
            guard distance &- 1 < DeflateCodes.longestDistance, distance > 0 else { continue }
            let (here, before, rest) = (start + from, start + (from &- distance), count &- from)
            let length =
                comparesWide
                ? spankit_wide_common_length(here, before, rest) : spankit_common_length(here, before, rest)
            guard length >= Self.shortestMatch else { continue }
            if position < Self.searchedBytes { search(start, position, min(from, Self.searchedBytes), &writer) }
            writer.add(start, to: from, length, distance)
            position = from &+ length
        }
        if position < Self.searchedBytes { search(start, position, min(count, Self.searchedBytes), &writer) }
        writer.finish(start, count)
        let literalCount = writer.literalCount(from: literals.start)
        counts.add(literals: UnsafeBufferPointer(start: literals.start, count: literalCount))
        self.base += room
        return writer.count(from: steps.start)
    }

    /// Searches for the bytes between two matches with a hash table, as other compressors do. It is used only at the
    /// start of a body, where few slots have occurred before. A small body has no other part.
    @inline(never)
    private func search(_ start: UnsafeRawPointer, _ from: Int, _ to: Int, _ writer: inout StepWriter) {
        let (places, base) = (places.start, base)
        var position = from
        while position &+ 4 <= to {
            let bytes = (start + position).loadUnaligned(as: UInt32.self)
            // Multiplicative hashing (Knuth, The Art of Computer Programming, volume 3, section 6.4).
            let place = places + Int((bytes &* 0x9E37_79B1) &>> UInt32(32 - Self.placeBits))
            let number = base &+ UInt32(truncatingIfNeeded: position)
            let distance = Int(number &- place.pointee)
            place.pointee = number
            if distance <= DeflateCodes.longestDistance {
                let length = spankit_common_length(start + position, start + (position &- distance), to &- position)
                if length >= Self.shortestMatch {
                    writer.add(start, to: position, length, distance)
                    position &+= length
                    continue
                }
            }
            position &+= 1
        }
    }

    // MARK: Writing

    private func write(_ count: Int, _ codes: DeflateCodes, _ bits: inout BitWriter) {
        let steps = UnsafeBufferPointer(start: steps.start, count: count)
        codes.literals.codes.withUnsafeBufferPointer { literals in
            codes.distances.codes.withUnsafeBufferPointer { distances in
                codes.lengths.withUnsafeBufferPointer {
                    Self.write(steps, self.literals.start, literals, $0, distances, &bits)
                }
            }
        }
        bits.put(code: codes.literals.codes[DeflateCodes.endOfBlock])
        bits.flush()
    }

    private static func write(
        _ steps: UnsafeBufferPointer<Step>,
        _ bytes: UnsafeMutablePointer<UInt8>,
        _ literals: UnsafeBufferPointer<UInt32>,
        _ lengths: UnsafeBufferPointer<UInt32>,
        _ distances: UnsafeBufferPointer<UInt32>,
        _ output: inout BitWriter
    ) {
        // A local copy stays in registers.
        var bits = output
        var position = UnsafeRawPointer(bytes)
        for step in steps {
            var left = Int(step.literals)
            while left >= 4 {
                let four = position.loadUnaligned(as: UInt32.self).littleEndian
                bits.put(code: literals[Int(four & 0xFF)])
                bits.put(code: literals[Int(four &>> 8 & 0xFF)])
                bits.put(code: literals[Int(four &>> 16 & 0xFF)])
                bits.put(code: literals[Int(four &>> 24)])
                bits.flush()
                position += 4
                left &-= 4
            }
            while left > 0 {
                bits.put(code: literals[Int(position.load(as: UInt8.self))])
                position += 1
                left &-= 1
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

/// Adds steps and literals to memory with enough room, and counts matches.
///
/// Invariant: the memory for literals has ``spare`` bytes more than the body.
private struct StepWriter {
    private var step: UnsafeMutablePointer<Step>
    private var literal: UnsafeMutableRawPointer
    private let counts: SymbolCounts
    /// The end of the body.
    private let end: UnsafeRawPointer
    /// Where the literals begin that no step has yet.
    private var literals = 0

    /// How many bytes are copied at once, even if there are fewer literals.
    static let spare = 16

    init(
        _ step: UnsafeMutablePointer<Step>,
        _ literal: UnsafeMutablePointer<UInt8>,
        _ counts: SymbolCounts,
        end: UnsafeRawPointer
    ) {
        self.step = step
        self.literal = UnsafeMutableRawPointer(literal)
        self.counts = counts
        self.end = end
    }

    func count(from start: UnsafeMutablePointer<Step>) -> Int { step - start }
    func literalCount(from start: UnsafeMutablePointer<UInt8>) -> Int { literal - UnsafeMutableRawPointer(start) }

    /// Adds the literals before a match, and the match.
    @inline(__always)
    mutating func add(_ start: UnsafeRawPointer, to from: Int, _ length: Int, _ distance: Int) {
        var between = from &- literals
        copy(start + literals, between)
        literals = from &+ length
        var length = length
        while length > DeflateCodes.longestMatch {
            // Never leaves one or two bytes, which no match can have.
            let piece = min(DeflateCodes.longestMatch, length &- 3)
            append(between, piece, distance)
            between = 0
            length &-= piece
        }
        append(between, length, distance)
    }

    /// Adds the last literals.
    mutating func finish(_ start: UnsafeRawPointer, _ count: Int) {
        copy(start + literals, count - literals)
        step.initialize(to: Step(literals: UInt32(truncatingIfNeeded: count - literals), length: 0, distance: 0))
        step += 1
    }

    @inline(__always)
    private mutating func copy(_ bytes: UnsafeRawPointer, _ count: Int) {
        if count <= Self.spare, end - bytes >= Self.spare {
            // Most are fewer, and how many cannot be predicted.
            literal.storeBytes(of: bytes.loadUnaligned(as: SIMD2<UInt64>.self), as: SIMD2<UInt64>.self)
        } else {
            literal.copyMemory(from: bytes, byteCount: count)
        }
        literal += count
    }

    @inline(__always)
    private mutating func append(_ literals: Int, _ length: Int, _ distance: Int) {
        counts.add(length: length, distance: distance)
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
