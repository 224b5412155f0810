/// The provider of a model (`gen_ai.provider.name`).
public struct Provider: RawRepresentable, Hashable, Sendable {
    /// The value of the attribute.
    public let rawValue: String

    /// Creates a provider that is not among the constants of this type.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Anthropic.
    public static let anthropic = Provider(rawValue: "anthropic")
    /// OpenAI.
    public static let openAI = Provider(rawValue: "openai")
    /// Amazon Bedrock.
    public static let awsBedrock = Provider(rawValue: "aws.bedrock")
    /// Gemini through AI Studio.
    public static let gcpGemini = Provider(rawValue: "gcp.gemini")
    /// Vertex AI.
    public static let gcpVertexAI = Provider(rawValue: "gcp.vertex_ai")
    /// A Google model whose API is not known.
    public static let gcpGenAI = Provider(rawValue: "gcp.gen_ai")
    /// Azure OpenAI.
    public static let azureOpenAI = Provider(rawValue: "azure.ai.openai")
    /// Azure AI inference.
    public static let azureInference = Provider(rawValue: "azure.ai.inference")
    /// Cohere.
    public static let cohere = Provider(rawValue: "cohere")
    /// DeepSeek.
    public static let deepSeek = Provider(rawValue: "deepseek")
    /// Groq.
    public static let groq = Provider(rawValue: "groq")
    /// IBM watsonx.
    public static let ibmWatsonx = Provider(rawValue: "ibm.watsonx.ai")
    /// Mistral.
    public static let mistral = Provider(rawValue: "mistral_ai")
    /// Moonshot AI.
    public static let moonshot = Provider(rawValue: "moonshot_ai")
    /// Perplexity.
    public static let perplexity = Provider(rawValue: "perplexity")
    /// xAI.
    public static let xAI = Provider(rawValue: "x_ai")
}
