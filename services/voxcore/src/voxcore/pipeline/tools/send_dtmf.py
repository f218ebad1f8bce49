"""`send_dtmf`: press keys for the far end's menu."""

import re

from voxcore.pipeline.context import ToolAnswer, ToolHost, ToolInvocation, ToolSpec
from voxcore.pipeline.tools.schema import object_schema, text

DESCRIPTION = (
    "Press keys on the phone keypad, for example to choose an entry of a menu. `w` between digits waits half a second."
)
DIGITS = re.compile(r"[0-9*#w]{1,32}")
PARAMETERS = object_schema(
    {"digits": {"type": "string", "pattern": "^[0-9*#w]{1,32}$", "description": "Keys to press: 0-9, *, #, w."}},
    ["digits"],
)


def build(host: ToolHost, description: str) -> ToolSpec:
    async def handler(call: ToolInvocation) -> ToolAnswer:
        digits = text(call.arguments.get("digits"))
        host.record.event("tool_call", tool=call.name, tool_call_id=call.tool_call_id, arguments={"digits": digits})
        if not DIGITS.fullmatch(digits):
            return ToolAnswer({"status": "failure", "guidance": "Only 0-9, *, # and w are keys, 1 to 32 of them."})
        await host.wait_until_played()  # tones over speech are not recognised by a menu
        await host.send_dtmf(digits)
        host.record.event("dtmf_sent", digits=digits)
        return ToolAnswer({"status": "success"})

    return ToolSpec("send_dtmf", description or DESCRIPTION, handler, PARAMETERS)
