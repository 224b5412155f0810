import SpanKitRecording

/// The part of a body around its scopes: the resource, encoded once.
///
/// Requests of all signals have the same structure and the same field numbers. A body has one resource, and one or more scopes
/// (``ScopeFrame``).
package struct BodyFrame {
    package enum Signal: Sendable {
        case spans, metrics, logRecords

        /// The word in the names of members, as in `resourceSpans` and `scopeSpans`.
        var title: StaticString {
            switch self {
            case .spans: "Spans"
            case .metrics: "Metrics"
            case .logRecords: "Logs"
            }
        }

        /// The name of the list in a scope.
        fileprivate var list: StaticString {
            switch self {
            case .spans: "spans"
            case .metrics: "metrics"
            case .logRecords: "logRecords"
            }
        }
    }

    private let encoding: Encoding
    /// JSON: everything before the first scope. Protobuf: the resource as a field.
    private let start: [UInt8]
    /// JSON: everything after the last scope. Protobuf: the resource's schema URL.
    private let end: [UInt8]
    /// Protobuf: the message that ``finish(_:)`` ends.
    private var openMessage: (content: Int, lengthBytes: Int)?

    init(_ encoding: Encoding, _ signal: Signal, resource: Resource) {
        self.encoding = encoding
        switch encoding {
        case .json:
            start = Output.bytes { output in
                output.write("{\"resource")
                output.write(signal.title)
                output.write("\":[{\"resource\":{")
                output.jsonAttributes(resource.attributes)
                output.write("},\"scope")
                output.write(signal.title)
                output.write("\":[")
            }
            end = Output.bytes { output in
                output.write("]")
                output.jsonSchemaURL(resource.schemaURL)
                output.write("}]}")
            }
        case .protobuf:
            start = Output.bytes { output in
                let message = output.beginMessage(0x0A)
                output.protobufAttributes(resource.attributes, tag: 0x0A)
                output.endMessage(message)
            }
            end = Output.bytes { $0.field(0x1A, unlessEmpty: resource.schemaURL) }
        }
    }

    /// Writes everything before the first scope.
    mutating func begin(_ output: inout Output) {
        openMessage = encoding == .protobuf ? output.beginMessage(0x0A, lengthBytes: 3) : nil
        output.append(start)
    }

    /// Writes everything after the last scope.
    mutating func finish(_ output: inout Output) {
        output.append(end)
        if let message = openMessage.take() { output.endMessage(message) }
    }
}

/// The part of a body around the spans, metrics or log records of one scope, encoded once.
struct ScopeFrame {
    private let encoding: Encoding
    /// JSON: everything before the first element. Protobuf: the scope as a field.
    private let start: [UInt8]
    /// JSON: everything after the last element. Protobuf: the scope's schema URL.
    private let end: [UInt8]
    /// Protobuf: the message that ``finish(_:)`` ends.
    private var openMessage: (content: Int, lengthBytes: Int)?

    init(_ encoding: Encoding, _ signal: BodyFrame.Signal, _ scope: InstrumentationScope) {
        self.encoding = encoding
        switch encoding {
        case .json:
            start = Output.bytes { output in
                output.write("{\"scope\":{\"name\":")
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
                output.write(signal.list)
                output.write("\":[")
            }
            end = Output.bytes { output in
                output.write("]")
                output.jsonSchemaURL(scope.schemaURL)
                output.write("}")
            }
        case .protobuf:
            start = Output.bytes { output in
                let message = output.beginMessage(0x0A)
                output.field(0x0A, unlessEmpty: scope.name)
                output.field(0x12, unlessEmpty: scope.version)
                output.protobufAttributes(scope.attributes, tag: 0x1A)
                output.endMessage(message)
            }
            end = Output.bytes { $0.field(0x1A, unlessEmpty: scope.schemaURL) }
        }
    }

    /// Writes everything before the scope's first element.
    mutating func begin(_ output: inout Output) {
        openMessage = encoding == .protobuf ? output.beginMessage(0x12, lengthBytes: 3) : nil
        output.append(start)
    }

    /// Forgets that ``begin(_:)`` was called. The caller removes what it wrote.
    mutating func cancel() { openMessage = nil }

    /// Writes everything after the scope's last element.
    ///
    /// Ending the message may move its content, but never the start of the resource's message.
    mutating func finish(_ output: inout Output) {
        output.append(end)
        if let message = openMessage.take() { output.endMessage(message) }
    }
}

extension Output {
    fileprivate mutating func jsonSchemaURL(_ url: String) {
        guard !url.isEmpty else { return }
        write(",\"schemaUrl\":")
        json(url)
    }

    fileprivate static func bytes(_ write: (inout Output) -> Void) -> [UInt8] {
        var output = Output(capacity: 1_024)
        write(&output)
        return Array(output.bytes)
    }
}
