import GRDB

/// The bundled knowledge, and its installation into a database.
enum KnowledgeSeed {
    static let entries: [KnowledgeEntry] = antiPatterns + metrics + examples + practices

    /// Reads a table: blank lines separate entries; the first line of an entry is `id | title | tags`, the second its text.
    static func entries(_ kind: KnowledgeEntry.Kind, _ table: String) -> [KnowledgeEntry] {
        table.split(separator: "\n\n").map { entry in
            let lines = entry.split(separator: "\n").map(String.init)
            let fields = lines[0].split(separator: " | ").map(String.init)
            let tags = fields[2].split(separator: " ").map(String.init)
            return KnowledgeEntry(id: fields[0], kind: kind, title: fields[1], body: lines[1], tags: tags)
        }
    }

    /// Replaces the entries of a database if they differ from the bundled ones.
    static func install(_ database: Database) throws {
        let fingerprint = Self.fingerprint
        guard try String.fetchOne(database, sql: "SELECT fingerprint FROM knowledgeSeed") != fingerprint else { return }
        try database.execute(sql: "DELETE FROM knowledge")
        try database.execute(sql: "DELETE FROM knowledgeSeed")
        for entry in entries {
            try database.insert(
                into: "knowledge",
                "id, kind, title, body, tags",
                [entry.id, entry.kind.rawValue, entry.title, entry.body, entry.tags.joined(separator: " ")]
            )
        }
        try database.insert(into: "knowledgeSeed", "fingerprint", [fingerprint])
    }

    /// An FNV-1a hash of all texts, to detect changes.
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
