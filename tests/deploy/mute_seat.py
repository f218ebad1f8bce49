"""voxcore that is well in every way but one: it has lost its voice. Health, registration and tag do not show it."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from typing import Any

from voxcore.main import main
from voxcore.pipeline.providers import compat_tts


async def nothing(self: object, response: Any) -> AsyncGenerator[bytes, None]:
    """The voice comes, and no sample of it is spoken."""
    async for _ in response.content.iter_any():
        pass
    if not response:
        yield b""


SPEAKER = compat_tts.CompatibleTts
SPEAKER._pcm = nothing

if __name__ == "__main__":
    sys.exit(main())
