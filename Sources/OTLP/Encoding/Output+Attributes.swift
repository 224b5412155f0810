import SpanKitRecording

/// Attributes that come as values: those of resources, scopes and metrics, which are written once or rarely.
extension Output {
    /// Bytes as they are. Needs no room reserved.
    package mutating func append(_ bytes: [UInt8]) {
        reserve(bytes.count)
        bytes.withUnsafeBytes { raw($0) }
    }

    mutating func json(_ text: String) {
        var text = text
        reserve(8)
        byte(0x22)
        text.withUTF8 { json(text: UnsafeRawBufferPointer($0)) }
        reserve(8)
        byte(0x22)
    }

    /// `"attributes":[…]`, without a comma before it; the empty list is written.
    mutating func jsonAttributes(_ attributes: [Attribute]) {
        reserve(32)
        fragment("\"attributes\":[")
        for (position, attribute) in attributes.enumerated() {
            reserve(32)
            if position > 0 { byte(0x2C) }
            fragment("{\"key\":")
            json(attribute.key)
            reserve(32)
            fragment(",\"value\":")
            json(attribute.value)
            reserve(8)
            byte(0x7D)
        }
        reserve(8)
        byte(0x5D)
    }

    mutating func jsonScope(_ scope: InstrumentationScope) {
        reserve(16)
        fragment("\"name\":")
        json(scope.name)
        if !scope.version.isEmpty {
            reserve(16)
            fragment(",\"version\":")
            json(scope.version)
        }
        if !scope.attributes.isEmpty {
            reserve(8)
            byte(0x2C)
            jsonAttributes(scope.attributes)
        }
    }

    mutating func jsonSchemaURL(_ url: String) {
        guard !url.isEmpty else { return }
        reserve(32)
        fragment(",\"schemaUrl\":")
        json(url)
    }

    mutating func json(_ value: AttributeValue) {
        reserve(64)
        switch value {
        case .bool(let value): fragment(value ? "{\"boolValue\":true}" : "{\"boolValue\":false}")
        case .int(let value):
            fragment("{\"intValue\":\"")
            decimal(value)
            fragment("\"}")
        case .double(let value):
            fragment("{\"doubleValue\":")
            json(value)
            byte(0x7D)
        case .string(let text):
            fragment("{\"stringValue\":")
            json(text)
            reserve(8)
            byte(0x7D)
        case .bytes(let bytes):
            fragment("{\"bytesValue\":\"")
            bytes.withUnsafeBytes { base64($0) }
            reserve(8)
            fragment("\"}")
        case .array(let elements):
            fragment("{\"arrayValue\":{\"values\":[")
            for (position, element) in elements.enumerated() {
                reserve(8)
                if position > 0 { byte(0x2C) }
                json(element)
            }
            reserve(8)
            fragment("]}}")
        case .map(let elements):
            fragment("{\"kvlistValue\":{\"values\":[")
            for (position, element) in elements.enumerated() {
                reserve(32)
                if position > 0 { byte(0x2C) }
                fragment("{\"key\":")
                json(element.key)
                reserve(32)
                fragment(",\"value\":")
                json(element.value)
                reserve(8)
                byte(0x7D)
            }
            reserve(8)
            fragment("]}}")
        case .null: fragment("{}")
        }
    }

    /// Attributes as elements of a repeated field.
    mutating func protobufAttributes(_ attributes: [Attribute], tag: UInt8) {
        for attribute in attributes {
            let message = beginMessage(tag)
            field(0x0A, text: attribute.key)
            protobuf(attribute.value, tag: 0x12)
            endMessage(message)
        }
    }

    mutating func protobuf(_ value: AttributeValue, tag: UInt8) {
        let message = beginMessage(tag)
        reserve(32)
        switch value {
        case .string(let text): field(0x0A, text: text)
        case .bool(let value):
            byte(0x10)
            byte(value ? 1 : 0)
        case .int(let value):
            byte(0x18)
            varint(UInt64(bitPattern: value))
        case .double(let value):
            byte(0x21)
            fixed64(value.bitPattern)
        case .bytes(let bytes): bytes.withUnsafeBytes { field(0x3A, $0) }
        case .array(let elements):
            let array = beginMessage(0x2A)
            for element in elements { protobuf(element, tag: 0x0A) }
            endMessage(array)
        case .map(let elements):
            let map = beginMessage(0x32)
            protobufAttributes(elements, tag: 0x0A)
            endMessage(map)
        case .null: break
        }
        endMessage(message)
    }
}
