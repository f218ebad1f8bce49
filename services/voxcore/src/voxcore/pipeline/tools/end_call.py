"""`end_call`: the bot hangs up behind its last words."""

from voxcore.pipeline.context import ToolAnswer, ToolHost, ToolInvocation, ToolSpec
from voxcore.pipeline.tools.schema import object_schema, text

DESCRIPTION = (
    "End the phone call. Say goodbye in the same response, before you call this; the words are played to their end. "
    "Call it once the conversation is complete or the customer wants to end it."
)
PARAMETERS = object_schema({"reason": {"type": "string", "description": "Why the call ends, in a few words."}})


def build(host: ToolHost, description: str) -> ToolSpec:
    async def handler(call: ToolInvocation) -> ToolAnswer:
        reason = text(call.arguments.get("reason"))
        host.record.event("tool_call", tool=call.name, tool_call_id=call.tool_call_id, arguments={"reason": reason})
        await host.end_call("bot", reason=reason)
        return ToolAnswer({"status": "success"}, run_llm=False)

    return ToolSpec("end_call", description or DESCRIPTION, handler, PARAMETERS)
