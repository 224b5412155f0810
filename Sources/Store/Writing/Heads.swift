import SpanKitOTLP

/// Finds and inserts what many spans share: names, resources and scopes.
///
/// The caches are forgotten when a transaction is rolled back (``forget()``), because the rows are then gone.
struct Heads {
    struct Resource {
        var id: Int64
        var service: Int64
    }

    private static let cacheLimit = 20_000
    private var names: [[UInt8]: Int64] = [:]
    private var resources: [[UInt8]: Resource] = [:]
    private var scopes: [[UInt8]: Int64] = [:]

    mutating func forget() {
        names = [:]
        resources = [:]
        scopes = [:]
    }

    mutating func name(_ text: ArraySlice<UInt8>, _ statements: StoreStatements) throws -> Int64 {
        let key = Array(text)
        if let id = names[key] { return id }
        let id =
            try Self.find(text, statements.selectName)
            ?? {
                statements.insertName.bind(1, blob: text)
                try statements.insertName.run()
                return statements.insertName.insertedID
            }()
        if names.count >= Self.cacheLimit { names = [:] }
        names[key] = id
        return id
    }

    /// - Parameter message: A `ResourceSpans`, `ResourceLogs` or `ResourceMetrics` message.
    mutating func resource(_ message: ArraySlice<UInt8>, _ statements: StoreStatements) throws -> Resource {
        let body = Self.head(of: message)
        if let known = resources[body] { return known }
        statements.selectResource.bind(1, blob: body[...])
        var found: Resource?
        if try statements.selectResource.step(), let id = statements.selectResource.integer(0) {
            found = Resource(id: id, service: statements.selectResource.integer(1) ?? 0)
        }
        statements.selectResource.reset()
        let resource = try found ?? insert(body, statements)
        if resources.count >= Self.cacheLimit { resources = [:] }
        resources[body] = resource
        return resource
    }

    private mutating func insert(_ body: [UInt8], _ statements: StoreStatements) throws -> Resource {
        var service: ArraySlice<UInt8> = []
        var instance: ArraySlice<UInt8>?
        for field in ProtobufFields(body[...]) where field.number == 1 && field.wire == 2 {
            for attribute in ProtobufFields(field.content) where attribute.number == 1 && attribute.wire == 2 {
                let (key, text) = Self.textAttribute(attribute.content)
                if key.elementsEqual("service.name".utf8) { service = text ?? [] }
                if key.elementsEqual("service.instance.id".utf8) { instance = text }
            }
        }
        let id = try name(service, statements)
        statements.insertResource.bind(1, id)
        statements.insertResource.bind(2, text: instance)
        statements.insertResource.bind(3, blob: body[...])
        try statements.insertResource.run()
        return Resource(id: statements.insertResource.insertedID, service: id)
    }

    /// - Parameter message: A `ScopeSpans`, `ScopeLogs` or `ScopeMetrics` message.
    mutating func scope(_ message: ArraySlice<UInt8>, _ statements: StoreStatements) throws -> Int64 {
        let body = Self.head(of: message)
        if let id = scopes[body] { return id }
        let id =
            try Self.find(body[...], statements.selectScope)
            ?? {
                var name: ArraySlice<UInt8> = []
                for field in ProtobufFields(body[...]) where field.number == 1 && field.wire == 2 {
                    for inner in ProtobufFields(field.content) where inner.number == 1 && inner.wire == 2 {
                        name = inner.content
                    }
                }
                statements.insertScope.bind(1, text: name)
                statements.insertScope.bind(2, blob: body[...])
                try statements.insertScope.run()
                return statements.insertScope.insertedID
            }()
        if scopes.count >= Self.cacheLimit { scopes = [:] }
        scopes[body] = id
        return id
    }

    /// A message without its list (field 2).
    private static func head(of message: ArraySlice<UInt8>) -> [UInt8] {
        var head: [UInt8] = []
        for field in ProtobufFields(message) where field.number != 2 { head += field.whole }
        return head
    }

    /// The key of an attribute, and its value if that is text.
    private static func textAttribute(
        _ message: ArraySlice<UInt8>
    ) -> (key: ArraySlice<UInt8>, text: ArraySlice<UInt8>?) {
        var key: ArraySlice<UInt8> = []
        var text: ArraySlice<UInt8>?
        for field in ProtobufFields(message) where field.wire == 2 {
            if field.number == 1 { key = field.content }
            guard field.number == 2 else { continue }
            for value in ProtobufFields(field.content) {
                text = value.number == 1 && value.wire == 2 ? value.content : nil
            }
        }
        return (key, text)
    }

    private static func find(_ bytes: ArraySlice<UInt8>, _ statement: SQLiteStatement) throws -> Int64? {
        statement.bind(1, blob: bytes)
        defer { statement.reset() }
        return try statement.step() ? statement.integer(0) : nil
    }
}
