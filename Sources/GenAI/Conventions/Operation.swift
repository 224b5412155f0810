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
    /// The planning of an agent's steps, if it is recorded separately from the model call in it (v0.1.0).
    public static let plan = ModelOperation(rawValue: "plan")
    /// The retrieval of a response that a provider computes in the background (v0.1.0).
    public static let fetchResponse = ModelOperation(rawValue: "fetch_response")
    /// The creation of a store of memories (v0.1.0).
    public static let createMemoryStore = ModelOperation(rawValue: "create_memory_store")
    /// The deletion of a store of memories (v0.1.0).
    public static let deleteMemoryStore = ModelOperation(rawValue: "delete_memory_store")
    /// The creation of a memory (v0.1.0).
    public static let createMemory = ModelOperation(rawValue: "create_memory")
    /// The change of a memory (v0.1.0).
    public static let updateMemory = ModelOperation(rawValue: "update_memory")
    /// The creation or change of a memory (v0.1.0).
    public static let upsertMemory = ModelOperation(rawValue: "upsert_memory")
    /// The search for memories (v0.1.0).
    public static let searchMemory = ModelOperation(rawValue: "search_memory")
    /// The deletion of a memory (v0.1.0).
    public static let deleteMemory = ModelOperation(rawValue: "delete_memory")

    static let memoryOperations: Set<ModelOperation> = [
        .createMemoryStore, .deleteMemoryStore, .createMemory, .updateMemory, .upsertMemory, .searchMemory,
        .deleteMemory,
    ]
}
