import SpanKit

extension AnthropicModel {
    /// The environment variables that ``init(environment:timeout:)`` reads.
    package static let environmentVariables = EnvironmentVariable.table(
        .command,
        """
        ANTHROPIC_API_KEY | the key of `spankit profile --model anthropic`; never logged | –
        ANTHROPIC_BASE_URL | where its model is asked | `https://api.anthropic.com`
        ANTHROPIC_MODEL | which model is asked | `claude-sonnet-4-5`
        """
    )
}
