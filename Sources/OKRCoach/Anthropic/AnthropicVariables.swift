import SpanKit

extension AnthropicModel {
    /// The environment variables that ``init(environment:timeout:)`` reads.
    package static let environmentVariables = EnvironmentVariable.table(
        .command,
        """
        ANTHROPIC_API_KEY | the key of `spankit profile --model anthropic`; never logged | –
        ANTHROPIC_BASE_URL | base URL of the Anthropic API | `https://api.anthropic.com`
        ANTHROPIC_MODEL | name of the model | `claude-sonnet-4-5`
        """
    )
}
