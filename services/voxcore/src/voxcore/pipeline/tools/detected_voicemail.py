"""`detected_voicemail`: a machine answered; leave the message after its greeting and hang up."""

from voxcore.pipeline.context import ToolAnswer, ToolHost, ToolInvocation, ToolSpec

DESCRIPTION = (
    "Call this when an answering machine, a voicemail greeting or an automated system has picked up instead of a "
    "person. Say nothing yourself: the message is left for you and the call ends."
)
SILENCE_S = 1.0
AT_MOST_S = 15.0


def build(host: ToolHost, description: str) -> ToolSpec:
    async def handler(call: ToolInvocation) -> ToolAnswer:
        host.record.event("tool_call", tool=call.name, tool_call_id=call.tool_call_id, arguments={})
        # The cause stands from here on: a machine that hangs up by itself while we wait was a machine all the same.
        host.record.end("voicemail")
        # A message spoken over the greeting is not recorded by the machine.
        await host.wait_for_silence(SILENCE_S, AT_MOST_S)
        if message := host.config.voicemail_message.strip():
            await host.say_and_wait(message)
        await host.end_call("voicemail")
        return ToolAnswer({"status": "success"}, run_llm=False)

    return ToolSpec("detected_voicemail", description or DESCRIPTION, handler)
