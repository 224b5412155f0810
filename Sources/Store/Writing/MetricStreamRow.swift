import SpanKitOTLP
import SpanKitPlatform

/// The series of the points of one metric, and the row of the current one.
struct MetricStreamRow {
    private let metric: MetricFields
    private let kind: Int
    private let name: Int64
    private let resource: Int64
    private let scope: Int64
    /// The fields of the data beside its points.
    private var data: [UInt8] = []
    private var temporality: Int64 = 0
    private var isMonotonic = false
    /// The attributes of the current point, as field 1.
    private var attributes: [UInt8] = []

    init(_ metric: MetricFields, _ data: ProtobufField, name: Int64, resource: Int64, scope: Int64) {
        self.metric = metric
        kind = data.number
        self.name = name
        self.resource = resource
        self.scope = scope
        for field in ProtobufFields(data.content) where !(field.number == 1 && field.wire == 2) {
            self.data += field.whole
            if field.number == 2, field.wire == 0 { temporality = Int64(Int32(truncatingIfNeeded: field.integer)) }
            if field.number == 3, field.wire == 0 { isMonotonic = field.integer != 0 }
        }
    }

    /// Makes a point the current one.
    /// - Returns: Its time.
    mutating func read(_ point: ArraySlice<UInt8>) -> Int64 {
        let number = MetricFields.attributeField(ofKind: kind)
        var time: Int64 = 0
        attributes.removeAll(keepingCapacity: true)
        for field in ProtobufFields(point) {
            if field.number == number, field.wire == 2 {
                attributes.append(0x0A)
                Varint.append(UInt64(field.content.count), to: &attributes)
                attributes += field.content
            } else if field.number == 3, field.wire == 1 {
                time = Int64(clamping: field.integer)
            }
        }
        return time
    }

    /// The row of the series of the current point.
    func id(_ statements: StoreStatements) throws -> Int64 {
        let hash = hash
        let select = statements.selectStream
        select.bind(1, blob: hash[...])
        let known = try select.step() ? select.integer(0) : nil
        select.reset()
        if let known { return known }
        let insert = statements.insertStream
        insert.bind(1, blob: hash[...])
        insert.bind(2, name)
        insert.bind(3, text: metric.unit)
        insert.bind(4, text: metric.description)
        insert.bind(5, Int64(kind))
        insert.bind(6, temporality)
        insert.bind(7, isMonotonic ? 1 : 0)
        insert.bind(8, resource)
        insert.bind(9, scope)
        insert.bind(10, blob: attributes[...])
        insert.bind(11, blob: metric.head[...])
        insert.bind(12, blob: data[...])
        try insert.run()
        return insert.insertedID
    }

    private var hash: [UInt8] {
        var identity: [UInt8] = []
        for number in [Int64(kind), resource, scope] { Varint.append(UInt64(number), to: &identity) }
        // Lengths, so that no two lists of parts are the same bytes.
        for part in [metric.head, data, attributes] {
            Varint.append(UInt64(part.count), to: &identity)
            identity += part
        }
        return Array(identity.withUnsafeBytes { SHA256.digest($0) }.prefix(16))
    }
}
