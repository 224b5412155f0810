/// The operation of a model call (`gen_ai.operation.name`).
public struct ModelOperation: RawRepresentable, Hashable, Sendable {
    /// The value of the attribute.
    public let rawValue: String

    /// Creates an operation that is not among the constants of this type.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A chat with a model.
    public static let chat = ModelOperation(rawValue: "chat")
    /// The generation of multimodal content, as with Gemini.
    public static let generateContent = ModelOperation(rawValue: "generate_content")
    /// Text completion, an older API.
    public static let textCompletion = ModelOperation(rawValue: "text_completion")
    /// The creation of embeddings.
    public static let embeddings = ModelOperation(rawValue: "embeddings")
    /// The retrieval of documents from a data source.
    public static let retrieval = ModelOperation(rawValue: "retrieval")
    /// The execution of a tool that a model called.
    public static let executeTool = ModelOperation(rawValue: "execute_tool")
    /// The creation of an agent.
    public static let createAgent = ModelOperation(rawValue: "create_agent")
    /// The invocation of an agent.
    public static let invokeAgent = ModelOperation(rawValue: "invoke_agent")
    /// The invocation of a workflow of agents and tools.
    public static let invokeWorkflow = ModelOperation(rawValue: "invoke_workflow")
}
