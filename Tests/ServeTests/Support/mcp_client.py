"""Uses the tools of spankit as a coding agent does, with the client of the package mcp.

    mcp_client.py http|stdio auto|legacy URL SPANKIT

Prints the version of the protocol, the names of the tools and their answers as JSON.
"""
import asyncio
import json
import sys

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main():
    transport, mode, url, spankit = sys.argv[1:]
    if transport == "http":
        target = url + "/mcp"
    else:
        target = stdio_client(StdioServerParameters(command=spankit, args=["mcp", "--server", url]))
    async with Client(target, mode=mode) as client:
        tools = [tool.name for tool in (await client.list_tools()).tools]
        answers = {}

        async def call(key, name, **arguments):
            result = await client.call_tool(name, arguments)
            text = "".join(part.text for part in result.content)
            answers[key] = {"text": text, "content": result.structured_content, "is_error": bool(result.is_error)}
            return result.structured_content

        found = await call("find_traces", "find_traces", query="error", limit=3)
        trace = found["rows"][0]["trace"]
        outline = await call("get_trace", "get_trace", trace=trace)
        for view in ["critical", "errors"]:
            await call(view, "get_trace", trace=trace, view=view)
        await call("span", "get_trace", trace=trace, view="span", span=outline["rows"][0]["span_id"])
        await call("top_operations", "top_operations", query="service=coach")
        await call("errors", "errors")
        await call("compare", "compare", before="service=coach", after="service=gateway")
        await call("open_spans", "open_spans")
        await call("wait_for", "wait_for", timeout=1)
        await call("unknown_trace", "get_trace", trace="ffffffffffffffffffffffffffffffff")
        print(json.dumps({"version": client.protocol_version, "tools": tools, "answers": answers}))


asyncio.run(main())
