import SpanKit

extension ModelRequest {
    /// A request for embeddings.
    /// - Parameters:
    ///   - model: the model's name.
    ///   - provider: the provider of the model.
    ///   - dimensions: the number of dimensions of a vector.
    ///   - encodingFormats: the requested formats, such as `base64`.
    public static func embeddings(
        _ model: String?,
        from provider: Provider,
        dimensions: Int? = nil,
        encodingFormats: [String] = []
    ) -> ModelRequest {
        var request = ModelRequest(.embeddings, model: model, from: provider)
        request.add(.embeddingDimensions, dimensions)
        request.add(.encodingFormats, encodingFormats.isEmpty ? nil : encodingFormats)
        return request
    }

    /// The execution of a tool in this process.
    /// - Parameters:
    ///   - name: the tool's name.
    ///   - callID: the ID of the model's tool call.
    ///   - description: the tool's description.
    ///   - type: the tool's type: `function`, `extension` or `datastore`.
    ///   - skill: the skill that the tool loads or runs. It is only recorded by ``Conventions/v0_1_0``, like `executable`.
    ///   - executable: the name of the command that the tool runs.
    ///   - provider: the provider of the model that called the tool.
    public static func tool(
        _ name: String,
        callID: String? = nil,
        description: String? = nil,
        type: String? = nil,
        skill: Skill? = nil,
        executable: String? = nil,
        from provider: Provider?
    ) -> ModelRequest {
        var request = ModelRequest(.executeTool, model: nil, from: provider)
        request.target = name
        request.isInProcess = true
        request.add(.toolName, name)
        request.add(.toolCall, callID)
        request.add(.toolDescription, description)
        request.add(.toolType, type)
        request.add(.skillName, skill?.name)
        request.add(.skillDescription, skill?.description)
        request.add(.skillSource, skill?.sourceURI)
        request.add(.skillResource, skill?.resourceName)
        request.add(.processExecutable, executable)
        return request
    }

    /// The invocation of an agent.
    /// - Parameters:
    ///   - name: the agent's name.
    ///   - id: the agent's ID. By ``Conventions/v0_1_0``, it is only recorded for remote agents, like `version` and the provider.
    ///   - description: the agent's description.
    ///   - version: the agent's version.
    ///   - model: the model that the agent uses. Leave it out for an agent that uses several models.
    ///   - isInProcess: whether the agent runs in this process.
    ///   - provider: the provider of the agent.
    public static func agent(
        _ name: String,
        id: String? = nil,
        description: String? = nil,
        version: String? = nil,
        model: String? = nil,
        isInProcess: Bool,
        from provider: Provider?
    ) -> ModelRequest {
        agent(.invokeAgent, name, id, description, version, model, isInProcess: isInProcess, provider)
    }

    /// The creation of an agent by a provider. The parameters are those of
    /// ``agent(_:id:description:version:model:isInProcess:from:)``.
    public static func creation(
        ofAgent name: String,
        id: String? = nil,
        description: String? = nil,
        version: String? = nil,
        model: String? = nil,
        from provider: Provider?
    ) -> ModelRequest {
        agent(.createAgent, name, id, description, version, model, isInProcess: false, provider)
    }

    private static func agent(
        _ operation: ModelOperation,
        _ name: String,
        _ id: String?,
        _ description: String?,
        _ version: String?,
        _ model: String?,
        isInProcess: Bool,
        _ provider: Provider?
    ) -> ModelRequest {
        var request = ModelRequest(operation, model: model, from: provider)
        request.target = name
        request.isInProcess = isInProcess
        request.add(.agentName, name)
        request.add(.agentID, id)
        request.add(.agentDescription, description)
        request.add(.agentVersion, version)
        return request
    }

    /// The invocation of a workflow in this process. By ``Conventions/v0_1_0``, its name is recorded as an agent's.
    public static func workflow(_ name: String, from provider: Provider?) -> ModelRequest {
        var request = ModelRequest(.invokeWorkflow, model: nil, from: provider)
        request.target = name
        request.isInProcess = true
        request.add(.workflowName, name)
        return request
    }

    /// The planning of an agent's steps, for a framework that plans in a step of its own.
    ///
    /// A plan has no token counts and no messages. The model call in it has them.
    /// - Parameters:
    ///   - agent: the agent's name.
    ///   - provider: the provider of the model.
    public static func plan(forAgent agent: String?, from provider: Provider? = nil) -> ModelRequest {
        var request = ModelRequest(.plan, model: nil, from: provider)
        request.target = agent
        request.isInProcess = true
        request.add(.agentName, agent)
        return request
    }

    /// The retrieval of documents from a data source.
    /// - Parameters:
    ///   - dataSource: the ID of the data source.
    ///   - provider: the provider of the data source.
    ///   - topK: the largest number of documents.
    public static func retrieval(from dataSource: String, by provider: Provider?, topK: Int? = nil) -> ModelRequest {
        var request = ModelRequest(.retrieval, model: nil, from: provider)
        request.target = dataSource
        request.add(.dataSource, dataSource)
        request.add(.retrievalTopK, topK)
        return request
    }

    /// The retrieval of a response that a provider computes in the background.
    ///
    /// Its span has no token counts, because the call that started the response has them.
    /// - Parameters:
    ///   - responseID: the ID of the response.
    ///   - cursor: the position in the response's stream from which to continue.
    ///   - provider: the provider of the model.
    public static func fetch(
        responseID: String,
        cursor: String? = nil,
        from provider: Provider
    ) -> ModelRequest {
        var request = ModelRequest(.fetchResponse, model: nil, from: provider)
        request.add(.responseID, responseID)
        request.add(.streamCursor, cursor)
        return request
    }

    /// An operation on memories. Its attributes are only recorded by ``Conventions/v0_1_0``.
    /// - Parameters:
    ///   - operation: one of the memory operations, such as ``ModelOperation/searchMemory``.
    ///   - store: the ID of the store.
    ///   - record: the ID of the memory.
    ///   - recordCount: the number of memories that are written.
    ///   - isInProcess: whether the store is in this process.
    ///   - provider: the provider of the store; nil if it is unknown.
    public static func memory(
        _ operation: ModelOperation,
        store: String? = nil,
        record: String? = nil,
        recordCount: Int? = nil,
        isInProcess: Bool,
        from provider: Provider? = nil
    ) -> ModelRequest {
        var request = ModelRequest(operation, model: nil, from: provider)
        request.isInProcess = isInProcess
        request.add(.memoryStore, store)
        request.add(.memoryRecord, record)
        request.add(.memoryRecordCount, recordCount)
        return request
    }

    /// A skill: instructions and resources that an agent loads for a task.
    public struct Skill: Sendable, Hashable {
        /// The skill's name.
        public var name: String
        /// The skill's description.
        public var description: String?
        /// The URI of the skill's source.
        public var sourceURI: String?
        /// The name of the resource of the skill that is used.
        public var resourceName: String?

        /// Creates a skill. Leave out unknown values.
        public init(_ name: String, description: String? = nil, sourceURI: String? = nil, resourceName: String? = nil) {
            self.name = name
            self.description = description
            self.sourceURI = sourceURI
            self.resourceName = resourceName
        }
    }
}
