"""`vox call BOT`: one spoken call against a running stack."""

from __future__ import annotations

import asyncio
from typing import Annotated

from cyclopts import Parameter

from voxctl.api import Bridge, api_url, credentials
from voxctl.output import EXIT_DONE, EXIT_FAILED, Output
from voxctl.settings import VoxctlSettings
from voxctl.spoken_call import SpokenCall, place_and_show
from voxctl.up.data import DataFolder


def call(
    bot: str,
    /,
    *,
    persona: str = "friendly",
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Call a bot of the running stack with a synthetic customer, and show the conversation.

    Parameters
    ----------
    bot
        Id of the bot.
    persona
        Who calls: a built-in name or the path of a persona file.
    json
        JSON lines instead of text.
    """
    return asyncio.run(_call(VoxctlSettings.load(), bot, persona, Output(as_json=json)))


async def _call(settings: VoxctlSettings, bot: str, persona: str, output: Output) -> int:
    data = DataFolder(settings.data_dir)
    data.prepare()
    stack = data.read_stack()
    voice_url = settings.vox_voice_url.rstrip("/")
    if not voice_url:
        voice_url = str(stack["voice_url"]) if stack else f"http://127.0.0.1:{settings.vox_voice_port}"
    async with Bridge(api_url(settings), *credentials(settings)) as bridge:
        went_well = await place_and_show(
            SpokenCall(bot, persona, voice_url, data, settings.vox_media_url), bridge, output
        )
    return EXIT_DONE if went_well else EXIT_FAILED
