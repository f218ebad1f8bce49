"""`transfer_call`: hand the caller over to a person. Offered only where there is somewhere to hand them to."""

from voxcore.pipeline.context import ToolAnswer, ToolHost, ToolInvocation, ToolSpec
from voxcore.pipeline.tools.schema import object_schema, text
from voxcore.pipeline.transfer import Transfers

DESCRIPTION = "Hand the customer over to a person or another line. Call it when they ask for one or you cannot help."


def build(host: ToolHost, description: str) -> ToolSpec | None:
    transfers = Transfers(host)
    if not transfers.offered:
        return None

    async def handler(call: ToolInvocation) -> ToolAnswer:
        target, reason = text(call.arguments.get("target")), text(call.arguments.get("reason"))
        host.record.event(
            "tool_call",
            tool=call.name,
            tool_call_id=call.tool_call_id,
            arguments={"reason": reason, "target": target or None},
        )
        return await transfers.run(target, reason, spoken=call.spoken)

    where = f"Where to; leave out for the usual place. {transfers.listing()}"
    parameters = object_schema(
        {
            "reason": {"type": "string", "description": "Why the customer is handed over, in a few words."},
            "target": {"type": "string", "description": where},
        },
        ["reason"],
    )
    return ToolSpec("transfer_call", description or DESCRIPTION, handler, parameters)
