/// What is done (`gen_ai.operation.name`).
public struct Operation: RawRepresentable, Hashable, Sendable {
    /// The value of the attribute.
    public let rawValue: String

    /// An operation that has no constant here.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A conversation with a model.
    public static let chat = Operation(rawValue: "chat")
    /// Content of several kinds, as Gemini generates it.
    public static let generateContent = Operation(rawValue: "generate_content")
    /// The older completion of a text.
    public static let textCompletion = Operation(rawValue: "text_completion")
    /// Vectors for texts.
    public static let embeddings = Operation(rawValue: "embeddings")
    /// Looking something up in a data source.
    public static let retrieval = Operation(rawValue: "retrieval")
    /// Running a tool that a model asked for.
    public static let executeTool = Operation(rawValue: "execute_tool")
    /// Making an agent.
    public static let createAgent = Operation(rawValue: "create_agent")
    /// Running an agent.
    public static let invokeAgent = Operation(rawValue: "invoke_agent")
    /// Running a workflow of agents and tools.
    public static let invokeWorkflow = Operation(rawValue: "invoke_workflow")
}
