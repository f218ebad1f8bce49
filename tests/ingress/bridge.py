"""voxbridge as seats of balancer tests meet it."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI, Request


def stand_in_bridge(host: str, port: int, results: list[str] | None = None) -> FastAPI:
    """voxbridge as seats meet it: one configuration for every bot, every result taken; `results`: their session ids."""
    taken = [] if results is None else results
    app = FastAPI()

    @app.get("/api/v1/config/{bot_id}")
    async def config(bot_id: str) -> dict[str, object]:
        local = {"provider": "openai_compatible", "base_url": "http://localhost:1/v1"}
        return {
            "session_id": f"s-{uuid.uuid4().hex}",
            "webhook_url": f"http://{host}:{port}/api/v1/call-results",
            "system_prompt": "You are a test.",
            "opening_message": "Hello.",
            "stt": local,
            "llm": local | {"model": "demo"},
            "tts": local,
        }

    @app.post("/api/v1/call-results")
    async def take(request: Request) -> dict[str, str]:
        taken.append(str((await request.json()).get("session_id")))
        return {"status": "ok"}

    return app


@contextmanager
def running_bridge(host: str, port: int, results: list[str] | None = None) -> Iterator[None]:
    """It runs in a thread of its own."""
    config = uvicorn.Config(
        stand_in_bridge(host, port, results), host=host, port=port, log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)
