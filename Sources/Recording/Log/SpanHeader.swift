/// The part of a span that has a fixed size: the same 96 bytes in a live slot and in a record of the log, so that ending a span
/// copies them as they are.
///
/// The layout is part of the region's format (`RegionLayoutTests` checks every offset).
@usableFromInline
package struct SpanHeader {
    package static let bytes = 96
    static let startOffset = 0
    static let endOffset = 8
    /// The offset of the two words of the trace id, the high word first.
    static let traceIDOffset = 16
    static let spanIDOffset = 32
    static let parentSpanIDOffset = 40
    /// The offset of the word that starts with ``name`` and ends with ``traceState``.
    static let namesOffset = 48
    /// The offset of the word that starts with ``traceFlags``.
    static let detailsOffset = 56
    /// The offset of the word that starts with ``attributeCount``.
    static let countsOffset = 64
    /// The offset of the word that holds ``droppedAttributes`` and ``droppedEvents``.
    static let droppedOffset = 72
    /// The offset of the word that ends with ``payloadBytes``.
    static let sizesOffset = 80
    static let heapOffset = 88

    /// The start in ticks, or in Unix nanoseconds if ``Bits/startIsUnix`` is set.
    @usableFromInline package var start: UInt64 = 0
    /// The end in ticks, or in Unix nanoseconds if ``Bits/endIsUnix`` is set.
    @usableFromInline package var end: UInt64 = 0
    package var traceIDHigh: UInt64 = 0
    package var traceIDLow: UInt64 = 0
    package var spanID: UInt64 = 0
    /// The parent's span id; 0 for a root span.
    package var parentSpanID: UInt64 = 0
    /// The name's number in the string table; 0 if the payload has an entry of type ``EntryType/name``.
    package var name: UInt32 = 0
    /// The trace state's number in the ``TraceStateTable``; 0 for none.
    package var traceState: UInt32 = 0
    package var traceFlags: UInt8 = 0
    package var kind = RecordedSpan.Kind.internal.rawValue
    package var status = Status.unset
    @usableFromInline package var bits: Bits = []
    /// The number of the library's scope in the ``ScopeTable``; 0 for the scope of the program.
    package var scope: UInt32 = 0
    package var attributeCount: UInt16 = 0
    package var eventCount: UInt16 = 0
    package var linkCount: UInt16 = 0
    var padding: UInt16 = 0
    package var droppedAttributes: UInt32 = 0
    package var droppedEvents: UInt32 = 0
    package var droppedLinks: UInt32 = 0
    /// The size in bytes of the entries after the header, a multiple of 16.
    package var payloadBytes: UInt32 = 0
    /// The heap in use at the start of a live span; its change in an ended one. 0 if memory is not tracked.
    package var heapBytes: Int64 = 0

    package init() {}

    /// Whether the span and trace ids are valid. If not, the bytes are not a span.
    package var hasIdentity: Bool { spanID != 0 && traceIDHigh | traceIDLow != 0 }

    /// Copies bytes word by word.
    ///
    /// The words were written a moment ago. A load of the same width is served from the store buffer; a wider one would have to wait
    /// (10 ns a span, `Benchmarks`: "start and end").
    @inline(__always)
    static func copy(_ bytes: Int, from source: UnsafeMutableRawPointer, to destination: UnsafeMutableRawPointer) {
        for offset in stride(from: 0, to: bytes, by: 8) {
            let word = source.atomicUInt64(at: offset).pointee.load(ordering: .relaxed)
            destination.atomicUInt64(at: offset).pointee.store(word, ordering: .relaxed)
        }
    }

    /// Masks ``status`` and ``bits`` in the word at ``detailsOffset``.
    static let plainMask: UInt64 = 0xFFFF_0000
    /// The value of these two fields in a span that is recorded and has no status and no other bits.
    static let plain = UInt64(Bits.recording.rawValue) << 24

    /// The status, as in OTLP. It is not an enum because a damaged file may hold any number.
    @usableFromInline
    package struct Status: RawRepresentable, Equatable, Sendable {
        @usableFromInline package let rawValue: UInt8

        @inlinable
        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        @inlinable package static var unset: Status { Status(rawValue: 0) }
        @inlinable package static var ok: Status { Status(rawValue: 1) }
        @inlinable package static var error: Status { Status(rawValue: 2) }
    }

    @usableFromInline
    package struct Bits: OptionSet, Sendable {
        @usableFromInline package let rawValue: UInt8

        @inlinable
        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// The span is sampled: its attributes are kept and its record is written.
        @inlinable package static var recording: Bits { Bits(rawValue: 1) }
        @inlinable package static var parentIsRemote: Bits { Bits(rawValue: 2) }
        @inlinable package static var startIsUnix: Bits { Bits(rawValue: 4) }
        @inlinable package static var endIsUnix: Bits { Bits(rawValue: 8) }
        @inlinable package static var tracksHeap: Bits { Bits(rawValue: 16) }
        /// ``RecordingConfiguration/onEnd`` is called.
        @inlinable package static var reportsEnd: Bits { Bits(rawValue: 32) }
        /// The parts of the live span are measured (``SpanTimes``).
        @inlinable package static var timed: Bits { Bits(rawValue: 64) }
    }
}

/// The first 16 bytes of a record in a log. A ``SpanHeader`` or a ``LogRecordHeader`` and the payload follow.
struct RecordHeader {
    static let bytes = 16
    static let span: UInt32 = 1
    static let logRecord: UInt32 = 2

    /// Bytes of the whole record, a multiple of 16.
    var recordBytes: UInt32
    /// ``span`` or ``logRecord``. Readers skip records of other types.
    var type: UInt32 = RecordHeader.span
    /// The operation in the percentile engine, so that tail sampling can compare the span with its distribution. 0 in a log record.
    var operation: UInt32
    static let operationOffset = 8
    /// The batch that has taken the record out of order (``ChunkRecord/mark``). Written by the reader; 0 until then.
    var mark: UInt32 = 0
    static let markOffset = 12

    /// Writes the header of an unmarked record in two words.
    @inline(__always)
    static func write(
        _ recordBytes: Int,
        type: UInt32 = span,
        operation: UInt64 = 0,
        at record: UnsafeMutableRawPointer
    ) {
        record.storeWord(UInt64(UInt32(truncatingIfNeeded: recordBytes)) | UInt64(type) << 32, at: 0)
        record.storeWord(operation, at: operationOffset)
    }
}

extension SpanHeader {
    /// The start and the end in Unix nanoseconds. The end is never before the start.
    @inlinable
    @inline(__always)
    package func unixTimes(_ anchor: ClockAnchor) -> (start: Int64, end: Int64) {
        let start = bits.contains(.startIsUnix) ? Int64(bitPattern: self.start) : anchor.unixNanoseconds(at: self.start)
        let end = bits.contains(.endIsUnix) ? Int64(bitPattern: self.end) : anchor.unixNanoseconds(at: self.end)
        return (start, max(start, end))
    }
}
