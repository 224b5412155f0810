/// The part of a log record that has a fixed size. It follows the ``RecordHeader`` in a record of type
/// ``RecordHeader/logRecord``.
///
/// The payload follows: the body, if the record has one (``Bits/hasBody``), then in any order the attributes and the texts that have
/// no number in the string table. All are entries (``EntryHeader``). The body is an entry without a key, like an element of an array.
///
/// The layout is part of the region's format (`RegionLayoutTests` checks every offset).
package struct LogRecordHeader {
    package static let bytes = 80

    /// When the record was made, in ticks; in Unix nanoseconds if ``Bits/observedIsUnix`` is set.
    package var observed: UInt64 = 0
    /// The time of the event in Unix nanoseconds, if ``Bits/hasTime`` is set. Otherwise the time of the event is
    /// ``observed``.
    package var time: UInt64 = 0
    /// The ids of the span that the record belongs to; 0 for none.
    package var traceIDHigh: UInt64 = 0
    package var traceIDLow: UInt64 = 0
    package var spanID: UInt64 = 0
    /// Numbers in the string table. If one is 0, the payload may have an entry with the text (``LogRecordView/text(_:)``).
    package var scope: UInt32 = 0
    package var eventName: UInt32 = 0
    package var severityText: UInt32 = 0
    package var file: UInt32 = 0
    package var function: UInt32 = 0
    /// The line in the file; 0 for none.
    package var line: UInt32 = 0
    /// OpenTelemetry's number (``LogSeverity``); 0 for an unspecified severity.
    package var severity: UInt8 = 0
    /// The flags of W3C: sampled and random.
    package var traceFlags: UInt8 = 0
    package var bits: Bits = []
    var reserved: UInt8 = 0
    package var attributeCount: UInt16 = 0
    var padding: UInt16 = 0
    package var droppedAttributes: UInt32 = 0
    /// Bytes of entries after the header, a multiple of 16.
    package var payloadBytes: UInt32 = 0

    package init() {}

    package struct Bits: OptionSet, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// The payload starts with the body.
        package static var hasBody: Bits { Bits(rawValue: 1) }
        /// ``LogRecordHeader/time`` is set.
        package static var hasTime: Bits { Bits(rawValue: 2) }
        /// ``LogRecordHeader/observed`` is in Unix nanoseconds.
        package static var observedIsUnix: Bits { Bits(rawValue: 4) }
    }

    /// The times in nanoseconds since 1970-01-01 UTC.
    package func unixTimes(_ anchor: ClockAnchor) -> (time: Int64, observed: Int64) {
        let made =
            bits.contains(.observedIsUnix) ? Int64(bitPattern: observed) : anchor.unixNanoseconds(at: observed)
        return (bits.contains(.hasTime) ? Int64(bitPattern: time) : made, made)
    }
}

/// A text of a log record that usually has a number in the string table.
package enum LogRecordField: Sendable, CaseIterable {
    /// The name of the logger.
    case scope
    /// The name of the event; records with one are events.
    case eventName
    /// The severity as the source spells it.
    case severityText
    /// The source file, such as `App/Orders.swift`.
    case file
    /// The function, as the compiler names it: `place(order:)`.
    case function

    /// The type of the entry that holds the text if it has no number.
    package var entryType: UInt8 {
        switch self {
        case .scope: EntryType.scope
        case .eventName: EntryType.eventName
        case .severityText: EntryType.severityText
        case .file: EntryType.file
        case .function: EntryType.function
        }
    }
}

extension LogRecordHeader {
    /// The number of a text in the string table; 0 if it has none.
    package subscript(field: LogRecordField) -> UInt32 {
        get {
            switch field {
            case .scope: scope
            case .eventName: eventName
            case .severityText: severityText
            case .file: file
            case .function: function
            }
        }
        set {
            switch field {
            case .scope: scope = newValue
            case .eventName: eventName = newValue
            case .severityText: severityText = newValue
            case .file: file = newValue
            case .function: function = newValue
            }
        }
    }
}
