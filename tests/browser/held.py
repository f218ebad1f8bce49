"""A stack whose parts a story kills and starts again, while the browser looks on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from tests.faults.plant import Plant, plant


class Held:
    """A plant in a loop of its own: Playwright's interface here waits, and the loop must not."""

    def __init__(self, folder: Path, console: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._opened: list[AbstractAsyncContextManager[Any]] = []
        self.plant: Plant = self.enter(plant(folder, workers=1, without=(), console=console))

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(240)

    def enter(self, context: AbstractAsyncContextManager[Any]) -> Any:
        """Open until the end."""
        entered = self.run(context.__aenter__())
        self._opened.append(context)
        return entered

    def kill(self, part: str) -> None:
        self.plant.kill(part)

    def start(self, part: str) -> None:
        """Returns when it is ready; does nothing to one that runs."""
        if self.plant.processes[part].poll() is not None:
            self.run(self.plant.start(part))

    def close(self) -> None:
        for context in reversed(self._opened):
            self.run(context.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
