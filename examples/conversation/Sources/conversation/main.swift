// Uses the coaching server as a library: one conversation and a summary of its operations.
//
// `swift run` needs no key and no network, because the offline model answers. `AnthropicModel` calls a real model.
import OKRCoach
import SpanKit

let profiler = PerformanceProfiler(.on)
// A server opens a file with `CoachDatabase.open(path:)`.
let database = try CoachDatabase.inMemory()
let sessions = SQLiteSessionStore(database)
let coach = ConversationManager(
    store: sessions,
    knowledge: SQLiteKnowledgeBase(database),
    // A twentieth of the latency of a hosted model.
    model: try OfflineModel(latencyScale: 0.05),
    profiler: profiler
)

let user = UserContext(name: "Lena", function: "sales", team: "Mid-Market", period: "2027-Q1")
try await sessions.create(Session(id: "lena", user: user))
for message in [
    "We lose too many mid-market deals late, after the proposal. I own this for our team, in 2027-Q1.",
    "Objective: Mid-market buyers choose us with confidence",
    "KR1: Launch a new proposal template",
    "KR1: Win rate in mid-market deals from 18 % to 27 %",
] {
    let result = try await coach.processMessage(sessionId: "lena", userMessage: message)
    print("\n> \(message)\n\(result.reply)")
    for finding in result.findings { print("  [\(finding.kind) in \(finding.source): \(finding.excerpt)]") }
    let quality = Int(result.quality.overall * 100)
    print("  \(result.phase), \(result.draft.keyResults.count) key results, quality \(quality) %")
}
print("\n" + profiler.summary())
