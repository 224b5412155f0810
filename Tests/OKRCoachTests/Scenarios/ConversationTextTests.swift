import SpanKit
import SpanKitTestSupport
import Testing

@testable import OKRCoach

@Suite("The texts of the coach in the scenarios")
struct ConversationTextTests {
    /// A message with its result.
    private struct Exchange {
        var message: String
        var result: ConversationResult
        var checkpoints: Set<Checkpoint>
    }

    /// Processes messages with the complete server and the bundled knowledge base.
    private func conversation(_ session: Session, _ messages: [String]) async throws -> [Exchange] {
        let database = try CoachDatabase.inMemory()
        let store = SQLiteSessionStore(database)
        try await store.create(session)
        let manager = ConversationManager(
            store: store,
            knowledge: SQLiteKnowledgeBase(database),
            model: try OfflineModel(latencyScale: 0),
            profiler: PerformanceProfiler(.off)
        )
        var exchanges: [Exchange] = []
        for message in messages {
            let result = try await manager.processMessage(sessionId: session.id, userMessage: message)
            let checkpoints = try #require(try await store.session(id: session.id)).checkpoints
            exchanges.append(Exchange(message: message, result: result, checkpoints: checkpoints))
        }
        return exchanges
    }

    private func conversation(_ scenario: Scenario) async throws -> [Exchange] {
        try await conversation(scenario.session(id: "s", atUnixNanoseconds: 0), scenario.messages)
    }

    // MARK: Golden conversations

    @Test("The conversations are the approved ones", arguments: Scenario.all)
    func golden(scenario: Scenario) async throws {
        var text = "\(scenario.number). \(scenario.title)\n"
        for exchange in try await conversation(scenario) {
            let quality = OfflineAnswer.percent(exchange.result.quality.overall)
            text += "\n> \(exchange.message.replacing("\n", with: "\n> "))\n\n\(exchange.result.reply)\n"
            text += "\n[\(exchange.result.phase), quality \(quality). \(exchange.result.phaseReason)]\n"
        }
        try Golden.expect(text, "\(scenario.name).txt")
    }

    // MARK: Properties

    @Test("A reply contains no placeholder, empty quotation, or doubled space or mark", arguments: Scenario.all)
    func wholeSentences(scenario: Scenario) async throws {
        for exchange in try await conversation(scenario) {
            let reply = exchange.result.reply
            for trace in ["{", "}", "\\(", "%@", "nil", "Optional", "“”", "  ", " .", " ,", "..", "??", ".?", "\n\n\n"]
            {
                #expect(!reply.contains(trace), "'\(trace)' in: \(reply)")
            }
            for paragraph in reply.split(separator: "\n") {
                #expect(paragraph.first?.isLowercase == false, "\(paragraph)")
            }
        }
    }

    @Test("No reply and no question of the coach occurs twice", arguments: Scenario.all)
    func nothingTwice(scenario: Scenario) async throws {
        let exchanges = try await conversation(scenario)
        #expect(Set(exchanges.map(\.result.reply)).count == exchanges.count)
        let questions = exchanges.flatMap { asked(in: $0.result.reply) }
        #expect(Set(questions).count == questions.count, "\(questions)")
        #expect(questions.count >= exchanges.count - 1, "nearly every reply contains a question: \(questions)")
    }

    /// The question at the end of the model's answer, before the notes.
    private func asked(in reply: String) -> [String] {
        let own = reply.split(separator: "\n\n").prefix {
            !$0.hasPrefix("Notes on") && !$0.hasPrefix("From the knowledge")
        }
        return own.last.map { $0.hasSuffix("?") ? [String($0)] : [] } ?? []
    }

    /// The direct questions of the scenarios with the words that an answer has to contain.
    private static let answers: [String: [String]] = [
        "Would you call the win rate ambitious? Our best quarter so far ended at 22 %.":
            ["win rate", "50 %", "22 %", "ambitious"],
        "Is there anything in it that a sceptic would doubt?": ["sceptic", "win rate", "measured"],
        "Looks good to me, can we not just take it like that?": ["take it", "30 %", "no date"],
        "Which metrics do people teams use for hiring and retention?":
            ["hiring", "retention", "time to hire", "regretted attrition"],
        "What does an example OKR for hiring look like, and how ambitious should it be?":
            ["example: people", "offer acceptance from 71 % to 85 %", "ambitious", "target"],
    ]

    @Test("Every direct question is answered first", arguments: Scenario.all)
    func directQuestions(scenario: Scenario) async throws {
        for exchange in try await conversation(scenario) where exchange.message.contains("?") {
            let expected = try #require(Self.answers[exchange.message], "add the words of the answer")
            let reply = exchange.result.reply
            let answer = reply.components(before: "\n\nObjective:").lowercased()
            for word in expected { #expect(answer.contains(word), "\(word) in: \(reply)") }
        }
    }

    @Test("The quality of an unchanged OKR does not change", arguments: Scenario.all)
    func steadyQuality(scenario: Scenario) async throws {
        let exchanges = try await conversation(scenario)
        for (before, after) in zip(exchanges, exchanges.dropFirst()) where before.result.draft == after.result.draft {
            if before.checkpoints == after.checkpoints {
                #expect(before.result.quality == after.result.quality, "\(after.message)")
            }
            #expect(before.result.quality.overall <= after.result.quality.overall, "\(after.message)")
        }
    }

    @Test(
        "A message that does not change the OKR does not change its quality",
        arguments: ["quality-poor", "quality-good"]
    )
    func qualityIsOfTheOKR(name: String) async throws {
        let scenario = try Scenario.named(name)
        let messages = [
            "Hello.", "We should be better at this.", "We will launch the new portal.", "We keep doing it as always.",
            "Our followers and page views are great.", "It is 40 % today.", "We easily reach that, for sure.",
            "Who decides that?", "We want happier customers.", "No.",
        ]
        let stated = scenario.messages.prefix(3)
        let exchanges = try await conversation(
            scenario.session(id: "s", atUnixNanoseconds: 0),
            stated + messages
        ).dropFirst(stated.count - 1)
        let first = try #require(exchanges.first)
        for exchange in exchanges {
            #expect(exchange.result.draft == first.result.draft, "\(exchange.message)")
            #expect(exchange.result.quality == first.result.quality, "\(exchange.message)")
        }
    }

    @Test("An example in an answer does not become a key result")
    func examplesStayExamples() async throws {
        let exchanges = try await conversation(.knowledge)
        #expect(exchanges[2].result.reply.contains("KR1: Time to hire from 62 to 40 days"))
        #expect(exchanges[2].result.draft.keyResults.isEmpty)
        #expect(exchanges[2].result.findings.isEmpty)
    }

    @Test("Repeating the same message gives a new answer each time", arguments: Phase.allCases)
    func patience(phase: Phase) async throws {
        let draft =
            phase > .exploration
            ? OKRDraft(objective: "Buyers choose us", keyResults: [KeyResult(text: "More deals")]) : OKRDraft()
        let session = Session(
            id: "s",
            user: UserContext(function: "sales"),
            phase: phase,
            draft: draft,
            createdAtUnixNanoseconds: 0
        )
        let replies = try await conversation(session, Array(repeating: "Hm.", count: 25)).map(\.result.reply)
        // The prompt contains only the end of the history, so the model does not know its earlier answers.
        for position in replies.indices {
            #expect(!replies[max(0, position - 6)..<position].contains(replies[position]), "\(replies[position])")
        }
    }
}

extension String {
    /// The part before a text, or the whole string if it does not contain the text.
    fileprivate func components(before text: String) -> String {
        firstRange(of: text).map { String(self[..<$0.lowerBound]) } ?? self
    }
}
