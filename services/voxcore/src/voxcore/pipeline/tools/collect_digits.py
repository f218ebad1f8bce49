"""`collect_digits`: the customer types on the keypad."""

from voxcore.pipeline.context import ToolAnswer, ToolHost, ToolInvocation, ToolSpec
from voxcore.pipeline.tools.schema import number, object_schema, text

DESCRIPTION = (
    "Collect digits that the customer types on the phone keypad, for example an account number. Ask for them in the "
    "same response, before you call this."
)
KEYS = frozenset("0123456789*#")
PARAMETERS = object_schema(
    {
        "min_digits": {"type": "integer", "minimum": 1, "maximum": 32, "default": 1},
        "max_digits": {"type": "integer", "minimum": 1, "maximum": 32, "default": 16},
        "timeout_seconds": {"type": "number", "minimum": 1, "maximum": 60, "default": 8},
        "finish_on_key": {"type": "string", "default": "#", "description": "Key that ends the input; empty for none."},
    }
)


def build(host: ToolHost, description: str) -> ToolSpec:
    async def handler(call: ToolInvocation) -> ToolAnswer:
        given = call.arguments
        host.record.event("tool_call", tool=call.name, tool_call_id=call.tool_call_id, arguments=dict(given))
        most = int(number(given.get("max_digits"), 16, 1, 32))
        finish = text(given.get("finish_on_key", "#"))
        collected = await host.collect_digits(
            min_digits=int(number(given.get("min_digits"), 1, 1, most)),
            max_digits=most,
            timeout_seconds=number(given.get("timeout_seconds"), 8.0, 1.0, 60.0),
            finish_on_key=finish if finish in KEYS else "",
        )
        return ToolAnswer({"status": collected.status, "digits": collected.digits})

    return ToolSpec("collect_digits", description or DESCRIPTION, handler, PARAMETERS)
