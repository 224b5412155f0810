/// One message of a conversation, as it is stored.
public struct Message: Sendable, Equatable {
    /// Who wrote it.
    public enum Role: String, Sendable, Codable {
        case user
        case assistant
    }

    /// Who wrote it.
    public let role: Role
    /// What was written.
    public let text: String
    /// The phase the conversation was in when it was written.
    public let phase: Phase
    /// Nanoseconds since 1970-01-01 UTC.
    public let createdAtUnixNanoseconds: Int64

    /// Creates a message.
    public init(role: Role, text: String, phase: Phase, createdAtUnixNanoseconds: Int64) {
        self.role = role
        self.text = text
        self.phase = phase
        self.createdAtUnixNanoseconds = createdAtUnixNanoseconds
    }
}
