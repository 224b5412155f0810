-- What do conversations with language models cost? Calls, tokens and costs by conversation or model: `spankit top --by conversation`.
-- It reads the attributes of OpenTelemetry's conventions (gen_ai.*) and their earlier names. It counts each span with such attributes as a
-- call. A framework and a library that both record the same call count twice here, but not in `spankit top`.
-- Parameter by (default conversation): conversation or model.
-- Parameter prices (default {}): prices for a million tokens by model: input, output, cache read, cache write, such as
--   {'claude-sonnet-4-5': (3, 15, 0.3, 3.75)}. The cost is null if the price of a call is not known.
-- Parameter since (default 1970-01-01 00:00:00): the earliest start of a call in UTC.
-- Parameter until (default 2106-01-01 00:00:00): the end, which is not included.
-- Parameter limit (default 1000): the number of rows.
-- Tested: SQLTests compares it with `spankit top --by conversation` and `--by model`, with prices.
WITH
    names -> arrayFirst(value -> value != '', arrayMap(name -> SpanAttributes[name], names)) AS attribute,
    names -> toUInt64OrNull(attribute(names)) AS tokens,
    calls AS (
        SELECT attribute(['gen_ai.conversation.id', 'session.id']) AS conversation,
            attribute(['gen_ai.response.model', 'gen_ai.request.model']) AS model,
            lower(attribute(['gen_ai.operation.name'])) AS operation,
            tokens(['gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens']) AS input,
            tokens(['gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens']) AS output,
            tokens(['gen_ai.usage.cache_read.input_tokens', 'gen_ai.usage.cache_read_input_tokens']) AS cache_read,
            tokens(['gen_ai.usage.cache_creation.input_tokens', 'gen_ai.usage.cache_write.input_tokens',
                'gen_ai.usage.cache_creation_input_tokens']) AS cache_write,
            spankit_failed(StatusCode, Events.Name) AS failed, spankit_duration(Duration) AS took,
            -- Names of models often end with a date that price lists do not contain.
            {prices:Map(String, Tuple(Float64, Float64, Float64, Float64))} AS prices,
            if(mapContains(prices, model), model, replaceRegexpOne(model, '-([0-9]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2}|latest)$', '')) AS priced,
            -- Anthropic's own numbers of cached tokens can be more than the input, which then does not contain them.
            if(ifNull(cache_read, 0) + ifNull(cache_write, 0) > ifNull(input, 0), ifNull(cache_read, 0) + ifNull(cache_write, 0), 0) AS added,
            (input - ifNull(cache_read, 0) - ifNull(cache_write, 0) + added) * prices[priced].1 + output * prices[priced].2
                + ifNull(cache_read, 0) * prices[priced].3 + ifNull(cache_write, 0) * prices[priced].4 AS millionths
        FROM otel_traces
        WHERE Timestamp >= {since:DateTime('UTC')} AND Timestamp < {until:DateTime('UTC')}
            AND (operation IN ('chat', 'generate_content', 'text_completion', 'embeddings', 'completion', 'embedding')
                 OR (operation = '' AND (model != '' OR input IS NOT NULL OR output IS NOT NULL)))
        LIMIT 1 BY TraceId, SpanId
    )
SELECT if({by:String} = 'model', if(model = '', '(unknown model)', model),
        if(conversation = '', '(no conversation)', conversation)) AS name,
    count() AS call_count, arraySort(groupUniqArray(model)) AS models, countIf(failed) AS error_count,
    sum(input + added) AS input_tokens, sum(cache_read) AS cache_read_tokens, sum(cache_write) AS cache_write_tokens,
    sum(output) AS output_tokens, max(took) AS max_ns,
    sumIf(millionths, mapContains(prices, priced)) / 1e6 AS cost,
    countIf(NOT mapContains(prices, priced) OR millionths IS NULL) AS unpriced_call_count
FROM calls GROUP BY name
ORDER BY ifNull(input_tokens, 0) + ifNull(output_tokens, 0) DESC, call_count DESC, name LIMIT {limit:UInt32};
