/// A conversation to be replayed: who speaks, from which state, what is said, and what the coach has to find.
public struct Scenario: Sendable, Identifiable {
    /// One message and what it has to lead to.
    public struct Step: Sendable {
        /// What the user writes.
        public let message: String
        /// The mistakes that have to be found in it, and no others.
        public let expectedFindings: Set<AntiPattern>
        /// The mistakes that have to be found in the offline model's answer, and no others.
        public let expectedOutputFindings: Set<AntiPattern>
        /// The phase after it, with the offline model.
        public let expectedPhase: Phase

        init(
            _ message: String,
            finds expectedFindings: Set<AntiPattern> = [],
            answerShows expectedOutputFindings: Set<AntiPattern> = [],
            leadsTo expectedPhase: Phase
        ) {
            self.message = message
            self.expectedFindings = expectedFindings
            self.expectedOutputFindings = expectedOutputFindings
            self.expectedPhase = expectedPhase
        }
    }

    /// Counted from 1, in the order in which they run.
    public let number: Int
    /// A short name for the command line.
    public let name: String
    /// A name for people.
    public let title: String
    /// Who speaks.
    public let user: UserContext
    /// Where the conversation starts.
    public let phase: Phase
    /// What has been settled before.
    public let draft: OKRDraft
    /// What has been settled before.
    public let checkpoints: Set<Checkpoint>
    /// The messages in order.
    public let steps: [Step]

    /// The scenario's short name.
    public var id: String { name }

    /// The session the scenario starts with.
    public func session(id: String, atUnixNanoseconds time: Int64) -> Session {
        Session(
            id: id,
            user: user,
            phase: phase,
            draft: draft,
            checkpoints: checkpoints,
            createdAtUnixNanoseconds: time
        )
    }

    /// All eight, in their order: 39 messages.
    public static let all: [Scenario] = [
        .discoverySimple, .discoveryComplex, .exploration, .refinement, .qualityGood, .qualityPoor, .knowledge,
        .antiPatterns,
    ]

    /// The scenario of that number or short name.
    /// - Throws: ``UnknownScenario``, whose text lists the valid names.
    public static func named(_ text: String) throws(UnknownScenario) -> Scenario {
        let wanted = text.lowercased()
        guard let scenario = all.first(where: { $0.name == wanted || String($0.number) == wanted }) else {
            throw UnknownScenario(name: text)
        }
        return scenario
    }
}

/// There is no scenario with this name.
public struct UnknownScenario: Error, Equatable, CustomStringConvertible {
    /// What was asked for.
    public let name: String

    /// One line: what, and what to do.
    public var description: String {
        let names = Scenario.all.map { "\($0.number) \($0.name)" }.joined(separator: ", ")
        return "there is no scenario '\(name)'; choose a number or name of: \(names)"
    }
}
