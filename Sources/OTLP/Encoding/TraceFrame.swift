import SpanKitRecording

/// What stands around the spans of a body: the resource and the scope, encoded once.
struct TraceFrame {
    private let encoding: Encoding
    /// JSON: all up to the first span. Protobuf: the resource as a field of `ResourceSpans`.
    private let before: [UInt8]
    /// Protobuf: the scope as a field of `ScopeSpans`.
    private let scope: [UInt8]
    /// JSON: all behind the last span. Protobuf: the schema URLs, of the scope and of the resource.
    private let after: [UInt8]
    private let resourceSchemaURL: [UInt8]

    init(_ encoding: Encoding, resource: Resource, scope: InstrumentationScope) {
        self.encoding = encoding
        switch encoding {
        case .json:
            before = Self.bytes { output in
                output.reserve(64)
                output.fragment("{\"resourceSpans\":[{\"resource\":{")
                output.jsonAttributes(resource.attributes)
                output.reserve(64)
                output.fragment("},\"scopeSpans\":[{\"scope\":{")
                output.jsonScope(scope)
                output.reserve(64)
                output.fragment("},\"spans\":[")
            }
            self.scope = []
            after = Self.bytes { output in
                output.reserve(8)
                output.byte(0x5D)
                output.jsonSchemaURL(scope.schemaURL)
                output.reserve(8)
                output.fragment("}]")
                output.jsonSchemaURL(resource.schemaURL)
                output.reserve(8)
                output.fragment("}]}")
            }
            resourceSchemaURL = []
        case .protobuf:
            before = Self.bytes { output in
                let message = output.beginMessage(0x0A)
                output.protobufAttributes(resource.attributes, tag: 0x0A)
                output.endMessage(message)
            }
            self.scope = Self.bytes { output in
                let message = output.beginMessage(0x0A)
                if !scope.name.isEmpty { output.field(0x0A, text: scope.name) }
                if !scope.version.isEmpty { output.field(0x12, text: scope.version) }
                output.protobufAttributes(scope.attributes, tag: 0x1A)
                output.endMessage(message)
            }
            after = Self.bytes { if !scope.schemaURL.isEmpty { $0.field(0x1A, text: scope.schemaURL) } }
            resourceSchemaURL = Self.bytes {
                if !resource.schemaURL.isEmpty { $0.field(0x1A, text: resource.schemaURL) }
            }
        }
    }

    func begin(_ output: inout Output, _ messages: inout [(content: Int, lengthBytes: Int)]) {
        messages.removeAll(keepingCapacity: true)
        if encoding == .protobuf { messages.append(output.beginMessage(0x0A, lengthBytes: 3)) }
        output.append(before)
        if encoding == .protobuf {
            messages.append(output.beginMessage(0x12, lengthBytes: 3))
            output.append(scope)
        }
    }

    func finish(_ output: inout Output, _ messages: inout [(content: Int, lengthBytes: Int)]) {
        output.append(after)
        guard encoding == .protobuf else { return }
        // The inner length may have moved everything behind it, never the outer message's own place.
        if let scopeSpans = messages.popLast() { output.endMessage(scopeSpans) }
        output.append(resourceSchemaURL)
        if let resourceSpans = messages.popLast() { output.endMessage(resourceSpans) }
    }

    private static func bytes(_ write: (inout Output) -> Void) -> [UInt8] {
        var output = Output(capacity: 1_024)
        write(&output)
        return Array(output.bytes)
    }
}
