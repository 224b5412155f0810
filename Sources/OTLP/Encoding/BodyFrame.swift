import SpanKitRecording

/// The part of a body around its spans or metrics: the resource and the scope, encoded once.
///
/// Requests for spans and for metrics have the same structure and the same field numbers. A body has one resource and one scope.
struct BodyFrame {
    enum Signal {
        case spans, metrics
    }

    private let encoding: Encoding
    /// JSON: everything before the first span or metric. Protobuf: the resource as a field.
    private let resource: [UInt8]
    /// Protobuf: the scope as a field.
    private let scope: [UInt8]
    /// JSON: everything after the last span or metric. Protobuf: the scope's schema URL.
    private let end: [UInt8]
    /// Protobuf: the resource's schema URL.
    private let resourceEnd: [UInt8]
    /// Protobuf: the messages that ``finish(_:)`` ends.
    private var openMessages: [(content: Int, lengthBytes: Int)] = []

    init(_ encoding: Encoding, _ signal: Signal, resource: Resource, scope: InstrumentationScope) {
        self.encoding = encoding
        switch encoding {
        case .json:
            let (title, name): (StaticString, StaticString) =
                signal == .spans ? ("Spans", "spans") : ("Metrics", "metrics")
            self.resource = Self.bytes { output in
                output.write("{\"resource")
                output.write(title)
                output.write("\":[{\"resource\":{")
                output.jsonAttributes(resource.attributes)
                output.write("},\"scope")
                output.write(title)
                output.write("\":[{\"scope\":{\"name\":")
                output.json(scope.name)
                if !scope.version.isEmpty {
                    output.write(",\"version\":")
                    output.json(scope.version)
                }
                if !scope.attributes.isEmpty {
                    output.write(",")
                    output.jsonAttributes(scope.attributes)
                }
                output.write("},\"")
                output.write(name)
                output.write("\":[")
            }
            self.scope = []
            end = Self.bytes { output in
                output.write("]")
                output.jsonSchemaURL(scope.schemaURL)
                output.write("}]")
                output.jsonSchemaURL(resource.schemaURL)
                output.write("}]}")
            }
            resourceEnd = []
        case .protobuf:
            self.resource = Self.bytes { output in
                let message = output.beginMessage(0x0A)
                output.protobufAttributes(resource.attributes, tag: 0x0A)
                output.endMessage(message)
            }
            self.scope = Self.bytes { output in
                let message = output.beginMessage(0x0A)
                output.field(0x0A, unlessEmpty: scope.name)
                output.field(0x12, unlessEmpty: scope.version)
                output.protobufAttributes(scope.attributes, tag: 0x1A)
                output.endMessage(message)
            }
            end = Self.bytes { $0.field(0x1A, unlessEmpty: scope.schemaURL) }
            resourceEnd = Self.bytes { $0.field(0x1A, unlessEmpty: resource.schemaURL) }
        }
    }

    /// Writes everything before the first span or metric.
    mutating func begin(_ output: inout Output) {
        openMessages.removeAll(keepingCapacity: true)
        if encoding == .protobuf { openMessages.append(output.beginMessage(0x0A, lengthBytes: 3)) }
        output.append(resource)
        if encoding == .protobuf { openMessages.append(output.beginMessage(0x12, lengthBytes: 3)) }
        output.append(scope)
    }

    /// Writes everything after the last span or metric.
    mutating func finish(_ output: inout Output) {
        output.append(end)
        // Ending the inner message may move its content, but never the start of the outer message.
        if let scopeMessage = openMessages.popLast() { output.endMessage(scopeMessage) }
        output.append(resourceEnd)
        if let resourceMessage = openMessages.popLast() { output.endMessage(resourceMessage) }
    }

    private static func bytes(_ write: (inout Output) -> Void) -> [UInt8] {
        var output = Output(capacity: 1_024)
        write(&output)
        return Array(output.bytes)
    }
}

extension Output {
    fileprivate mutating func jsonSchemaURL(_ url: String) {
        guard !url.isEmpty else { return }
        write(",\"schemaUrl\":")
        json(url)
    }
}
