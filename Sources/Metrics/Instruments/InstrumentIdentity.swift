import SpanKitPlatform

/// What makes an instrument different from others.
struct InstrumentIdentity: Hashable, Sendable {
    /// The name in its first spelling.
    let name: String
    let unit: String
    let kind: InstrumentKind
    /// Whether the values are floating-point numbers.
    let isFloatingPoint: Bool
    /// The name in lower case.
    let foldedName: ByteText

    init(name: String, unit: String, kind: InstrumentKind, isFloatingPoint: Bool) {
        self.name = name
        self.unit = unit
        self.kind = kind
        self.isFloatingPoint = isFloatingPoint
        foldedName = ByteText(name.lowercased())
    }

    /// Compares names regardless of upper and lower case.
    static func == (left: InstrumentIdentity, right: InstrumentIdentity) -> Bool {
        left.foldedName == right.foldedName && left.unit.hasSameBytes(as: right.unit) && left.kind == right.kind
            && left.isFloatingPoint == right.isFloatingPoint
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(foldedName)
        hasher.combine(kind)
    }
}
