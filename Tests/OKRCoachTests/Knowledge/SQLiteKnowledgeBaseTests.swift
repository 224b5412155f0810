import GRDB
import SpanKitTestSupport
import Testing

@testable import OKRCoach

@Suite("The knowledge base")
struct SQLiteKnowledgeBaseTests {
    private func knowledge() throws -> SQLiteKnowledgeBase {
        SQLiteKnowledgeBase(try CoachDatabase.inMemory())
    }

    private func suggestions(_ query: String, function: String = "", phase: Phase = .refinement) async throws
        -> [String]
    {
        try await knowledge().suggestions(for: query, user: UserContext(function: function), phase: phase, limit: 3)
            .map(\.entry.id)
    }

    @Test("There are at least forty complete and unique entries")
    func entries() {
        let entries = KnowledgeSeed.entries
        #expect(entries.count >= 40)
        #expect(Set(entries.map(\.id)).count == entries.count)
        #expect(Set(entries.map(\.title)).count == entries.count)
        for entry in entries {
            #expect(entry.body.count > 100, "\(entry.id)")
            #expect(entry.tags.count >= 4, "\(entry.id)")
            #expect(entry.tags.allSatisfy { $0 == $0.lowercased() }, "\(entry.id)")
        }
        for kind in KnowledgeEntry.Kind.allCases { #expect(entries.filter { $0.kind == kind }.count >= 10) }
    }

    @Test(
        "A search finds the expected entry",
        arguments: [
            ("Which metrics do people teams use for hiring?", "people", "metric-time-to-hire"),
            ("Our deployments break too often", "engineering", "metric-change-failure"),
            ("We publish blog posts and count followers", "marketing", "anti-vanity"),
            ("How do we score at the end of the quarter?", "", "practice-scoring"),
            ("customers churn after a year", "customer success", "metric-nrr"),
        ]
    )
    func finds(query: String, function: String, expected: String) async throws {
        #expect(try await suggestions(query, function: function).contains(expected))
    }

    @Test("The person's function and the phase change the order and are given as the reason")
    func ranking() async throws {
        let knowledge = try knowledge()
        let user = UserContext(function: "sales")
        let found = try await knowledge.suggestions(for: "shorter pipeline", user: user, phase: .refinement, limit: 3)
        #expect(found.first?.entry.tags.contains("sales") == true)
        #expect(found.first?.reason == "fits sales")
        #expect(found.map(\.score) == found.map(\.score).sorted(by: >))
        let discovery = try await knowledge.suggestions(
            for: "check-in every week",
            user: UserContext(),
            phase: .discovery,
            limit: 1
        )
        #expect(discovery.first?.entry.id == "practice-check-in")
    }

    @Test("Any text is a valid query; an empty one finds nothing")
    func hostileQueries() async throws {
        let knowledge = try knowledge()
        let queries = [
            "", " ", "\"", "\"\"\"", "AND OR NOT NEAR(", "title:churn", "churn*", "^churn", "-churn", "(((",
            "\u{0}churn\u{0}",
            "🎯🎯", "x' OR '1'='1", "{a b}: c + d", String(repeating: "retention churn ", count: 70_000),
        ]
        for query in queries {
            let found = try await knowledge.suggestions(for: query, user: UserContext(), phase: .quality, limit: 3)
            #expect(found.count <= 3)
        }
        var random = SplitMix64(seed: 3)
        for _ in 0..<200 {
            _ = try await knowledge.suggestions(
                for: HostileText.make(&random, 0...80),
                user: UserContext(function: HostileText.make(&random, 0...10)),
                phase: .discovery,
                limit: 2
            )
        }
        #expect(try await suggestions("").isEmpty)
        #expect(try await suggestions("\u{0}churn\u{0}").isEmpty == false)
    }

    @Test("There are at most two entries of a kind, and at most as many as asked for")
    func diversity() async throws {
        let found = try await knowledge().suggestions(
            for: "deployment pipeline retention churn onboarding support sales",
            user: UserContext(),
            phase: .refinement,
            limit: 10
        )
        for kind in KnowledgeEntry.Kind.allCases { #expect(found.filter { $0.entry.kind == kind }.count <= 2) }
        #expect(try await knowledge().suggestions(for: "churn", user: UserContext(), phase: .done, limit: 0).isEmpty)
    }

    @Test("Opening a database again does not add entries; a new version replaces changed ones")
    func seeding() async throws {
        let database = try CoachDatabase.inMemory()
        try await database.writer.write { try KnowledgeSeed.install($0) }
        let count = try await database.writer.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM knowledge") }
        #expect(count == KnowledgeSeed.entries.count)
        try await database.writer.write { database in
            try database.execute(sql: "UPDATE knowledge SET title = 'zebra' WHERE id = 'anti-vanity'")
            try database.execute(sql: "UPDATE knowledgeSeed SET fingerprint = 'older'")
            try KnowledgeSeed.install(database)
        }
        let found = try await SQLiteKnowledgeBase(database)
            .suggestions(for: "zebra", user: UserContext(), phase: .done, limit: 3)
        #expect(found.isEmpty)
    }
}
