/// What is done (`gen_ai.operation.name`).
public struct ModelOperation: RawRepresentable, Hashable, Sendable {
    /// The value of the attribute.
    public let rawValue: String

    /// An operation that has no constant here.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A conversation with a model.
    public static let chat = ModelOperation(rawValue: "chat")
    /// Content of several kinds, as Gemini generates it.
    public static let generateContent = ModelOperation(rawValue: "generate_content")
    /// The older completion of a text.
    public static let textCompletion = ModelOperation(rawValue: "text_completion")
    /// Vectors for texts.
    public static let embeddings = ModelOperation(rawValue: "embeddings")
    /// Looking something up in a data source.
    public static let retrieval = ModelOperation(rawValue: "retrieval")
    /// Running a tool that a model asked for.
    public static let executeTool = ModelOperation(rawValue: "execute_tool")
    /// Making an agent.
    public static let createAgent = ModelOperation(rawValue: "create_agent")
    /// Running an agent.
    public static let invokeAgent = ModelOperation(rawValue: "invoke_agent")
    /// Running a workflow of agents and tools.
    public static let invokeWorkflow = ModelOperation(rawValue: "invoke_workflow")
}
