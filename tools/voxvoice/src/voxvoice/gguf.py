"""A GGUF model file served as one more language model; needs the extra `voxvoice[gguf]`."""

import asyncio
import importlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse, StreamingResponse

from voxvoice.models import ModelError

LlamaFactory = Callable[..., Any]  # the shape of `llama_cpp.Llama`
_PASSED = ("messages", "tools", "tool_choice", "temperature", "top_p", "max_tokens", "response_format", "stop", "seed")


def installed_llama() -> LlamaFactory:
    """`llama_cpp.Llama`. Raises: ModelError: the extra is not installed."""
    try:
        return importlib.import_module("llama_cpp").Llama
    except ImportError as error:
        raise ModelError(
            "VOXVOICE_GGUF is set but llama-cpp-python is not installed; install voxvoice[gguf] or unset it"
        ) from error


class GgufModel:
    """One model file, loaded at the first request and used by one request at a time.

    Its name in requests is the file's name without `.gguf`.
    """

    def __init__(self, path: Path, threads: int, factory: LlamaFactory | None = None) -> None:
        """Raises: ModelError: no such file, or the extra is missing."""
        if not path.is_file():
            raise ModelError(f"VOXVOICE_GGUF: {path} does not exist; name a GGUF file or unset it")
        self.name = path.stem
        self._path, self._threads = path, threads
        self._factory = factory or installed_llama()
        self._llama: Any = None
        self._turn = asyncio.Lock()

    async def respond(self, body: dict[str, Any]) -> Response:
        """Answer a chat request, streamed when it asks for that."""
        options = {name: body[name] for name in _PASSED if name in body}
        if body.get("stream"):
            return StreamingResponse(self._events(options), media_type="text/event-stream")
        async with self._turn:
            result = await asyncio.to_thread(self._complete, options, False)
        return JSONResponse(result)

    def _complete(self, options: dict[str, Any], stream: bool) -> Any:
        if self._llama is None:
            self._llama = self._factory(model_path=str(self._path), n_threads=self._threads, n_ctx=0, verbose=False)
        return self._llama.create_chat_completion(**options, stream=stream)

    async def _events(self, options: dict[str, Any]) -> AsyncIterator[bytes]:
        async with self._turn:
            chunks: Iterator[dict[str, Any]] = iter(await asyncio.to_thread(self._complete, options, True))
            while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
                yield f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode()
        yield b"data: [DONE]\n\n"
