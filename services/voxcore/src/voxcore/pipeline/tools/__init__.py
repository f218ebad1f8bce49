"""The functions a call offers to its language model: built-ins by reserved name, and the bot's own tools."""

from voxkit.contracts.runtime_config import BUILTIN_TOOLS, Tool
from voxkit.log import get_logger

from voxcore.conversation import Services
from voxcore.pipeline.context import ToolHost, ToolSpec
from voxcore.pipeline.tools import collect_digits, custom, detected_voicemail, end_call, send_dtmf, transfer_call

log = get_logger("voxcore.tools")

# `search_knowledge` stands in no row: a call without a knowledge base behind it never offers it.
BUILDERS = {
    "end_call": end_call.build,
    "transfer_call": transfer_call.build,
    "detected_voicemail": detected_voicemail.build,
    "send_dtmf": send_dtmf.build,
    "collect_digits": collect_digits.build,
}


def build_tools(host: ToolHost, services: Services) -> list[ToolSpec]:
    """The tools of a call's configuration, in its order; a name that comes twice counts once.

    A built-in that this call cannot serve (no transfer on this transport, no target) is left out.
    """
    runtime = custom.ToolRuntimeState(host, services)
    specs: dict[str, ToolSpec] = {}
    for tool in host.config.tools:
        name = tool.function.name
        if name in specs:
            log.warning("tool.duplicate_name", tool=name)
            continue
        if spec := _build(tool, host, runtime):
            specs[name] = spec
    return list(specs.values())


def _build(tool: Tool, host: ToolHost, runtime: "custom.ToolRuntimeState") -> ToolSpec | None:
    name = tool.function.name
    if name not in BUILTIN_TOOLS:
        return custom.build(tool, runtime)
    builder = BUILDERS.get(name)
    spec = builder(host, tool.function.description) if builder else None
    if spec is None:
        log.info("tool.not_offered", tool=name, transport=host.record.transport)
    return spec
