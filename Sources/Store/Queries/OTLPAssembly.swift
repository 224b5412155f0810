import Foundation
import GRDB
import SpanKitOTLP
import SpanKitPlatform

/// Joins stored bodies to messages of OTLP.
package enum OTLPAssembly {
    /// An element with its resource and scope: numbers of rows, and its message.
    package struct Part {
        package var resource: Int64
        package var scope: Int64
        package var body: [UInt8]

        package init(resource: Int64, scope: Int64, body: [UInt8]) {
            self.resource = resource
            self.scope = scope
            self.body = body
        }
    }

    /// The `TracesData` message of a trace; nil if the store does not have the trace.
    package static func trace(_ id: [UInt8], _ database: Database) throws -> [UInt8]? {
        let parts = try Row.fetchAll(
            database,
            sql: """
                SELECT span.resource, span.scope, span.body FROM trace JOIN span ON span.trace = trace.id WHERE trace.trace = ?
                ORDER BY span.id
                """,
            arguments: [id.databaseBytes]
        )
        .map { Part(resource: $0[0], scope: $0[1], body: $0.bytes(2)) }
        return parts.isEmpty ? nil : try message(parts, database)
    }

    /// A `TracesData` or `LogsData` message. Elements of the same resource and scope share them, in the order of the first of each.
    package static func message(_ parts: [Part], _ database: Database) throws -> [UInt8] {
        struct Group { var scopes: [Int64] = [], elements: [Int64: [UInt8]] = [:] }
        var resources: [Int64] = []
        var groups: [Int64: Group] = [:]
        for part in parts {
            if groups[part.resource] == nil { resources.append(part.resource) }
            var group = groups.removeValue(forKey: part.resource) ?? Group()
            if group.elements[part.scope] == nil { group.scopes.append(part.scope) }
            append(2, part.body, to: &group.elements[part.scope, default: []])
            groups[part.resource] = group
        }
        var message: [UInt8] = []
        for resource in resources {
            var body = try head("resource", resource, database)
            guard let group = groups[resource] else { continue }
            for scope in group.scopes {
                append(2, try head("scope", scope, database) + (group.elements[scope] ?? []), to: &body)
            }
            append(1, body, to: &message)
        }
        return message
    }

    /// The body of a row of the table `resource` or `scope`.
    private static func head(_ table: String, _ id: Int64, _ database: Database) throws -> [UInt8] {
        let row = try Row.fetchOne(database, sql: "SELECT body FROM \(table) WHERE id = ?", arguments: [id])
        return row?.bytes(0) ?? []
    }

    /// Adds a length-delimited field.
    package static func append(_ number: Int, _ content: [UInt8], to message: inout [UInt8]) {
        Varint.append(UInt64(number) << 3 | 2, to: &message)
        Varint.append(UInt64(content.count), to: &message)
        message += content
    }
}

extension [UInt8] {
    /// The bytes as a value of SQLite.
    package var databaseBytes: DatabaseValue { Data(self).databaseValue }
}

extension Row {
    /// The bytes of a BLOB, and none of NULL.
    package func bytes(_ column: Int) -> [UInt8] {
        let data: Data? = self[column]
        return data.map(Array.init) ?? []
    }
}
