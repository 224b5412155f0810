import GRDB

/// Puts the entries that come with the program into a database, and again whenever they have changed.
enum KnowledgeSeed {
    static let entries: [KnowledgeEntry] = antiPatterns + metrics + examples + practices

    static func install(_ database: Database) throws {
        let fingerprint = Self.fingerprint
        guard try String.fetchOne(database, sql: "SELECT fingerprint FROM knowledgeSeed") != fingerprint else { return }
        try database.execute(sql: "DELETE FROM knowledge")
        try database.execute(sql: "DELETE FROM knowledgeSeed")
        for entry in entries {
            try database.execute(
                sql: "INSERT INTO knowledge (id, kind, title, body, tags) VALUES (?, ?, ?, ?, ?)",
                arguments: [entry.id, entry.kind.rawValue, entry.title, entry.body, entry.tags.joined(separator: " ")]
            )
        }
        try database.execute(sql: "INSERT INTO knowledgeSeed (fingerprint) VALUES (?)", arguments: [fingerprint])
    }

    /// FNV-1a over all texts: enough to see that they changed.
    private static var fingerprint: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for entry in entries {
            for text in [entry.id, entry.kind.rawValue, entry.title, entry.body] + entry.tags {
                for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
                hash = (hash ^ 0xFF) &* 0x100_0000_01B3
            }
        }
        return String(hash, radix: 16)
    }
}
