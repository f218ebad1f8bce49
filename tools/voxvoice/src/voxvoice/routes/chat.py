"""`/v1/chat/completions` and `/v1/models`."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict
from voxkit.errors import VoxError

from voxvoice.dialogue.reply import Reply, Request, answer
from voxvoice.errors import BadValue, UnknownModel
from voxvoice.routes.audio import STT_MODELS, TTS_MODELS
from voxvoice.server import Server, server_of

router = APIRouter()
WORDS_IN_A_CHUNK = 4
_STARTED = int(time.time())


class ChatRequest(BaseModel):
    """What is used of a chat request. The rest (temperature, seed …) changes nothing in a script."""

    model_config = ConfigDict(extra="allow")

    messages: list[dict[str, Any]]
    model: str = ""
    stream: bool = False
    stream_options: dict[str, Any] | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: Any = None
    response_format: dict[str, Any] | None = None

    def for_dialogue(self) -> Request:
        """The parts a dialogue looks at."""
        functions = [tool.get("function") for tool in self.tools or [] if isinstance(tool, dict)]
        tools = {f["name"]: f.get("parameters") or {} for f in functions if isinstance(f, dict) and f.get("name")}
        chosen = self.tool_choice.get("function") if isinstance(self.tool_choice, dict) else None
        forced = chosen.get("name", "") if isinstance(chosen, dict) else ""
        if self.tool_choice == "required" and tools:
            forced = next(iter(tools))
        form = self.response_format or {}
        schema = (form.get("json_schema") or {}).get("schema") or {}
        return Request(
            model=self.model,
            messages=self.messages,
            tools={} if self.tool_choice == "none" else tools,
            json_wanted=form.get("type") in ("json_object", "json_schema"),
            json_keys=list(schema.get("properties") or {}),
            forced_tool=forced,
        )


@router.get("/models")
async def models(server: Annotated[Server, Depends(server_of)]) -> dict[str, Any]:
    """Names that the three kinds of request accept as `model`."""
    chat = [*server.dialogues.names, *([server.gguf.name] if server.gguf else [])]
    names = dict.fromkeys([*chat, *STT_MODELS, *TTS_MODELS])
    items = [{"id": name, "object": "model", "created": _STARTED, "owned_by": "vox"} for name in names]
    return {"object": "list", "data": items}


@router.post("/chat/completions")
async def chat(body: ChatRequest, server: Annotated[Server, Depends(server_of)]) -> Response:
    """The answer of a scripted dialogue, or of the GGUF model when it is named."""
    if server.gguf and body.model == server.gguf.name:
        return await server.gguf.respond(body.model_dump(exclude_none=True))
    dialogue = server.dialogues.get(body.model)
    if dialogue is None:
        raise UnknownModel(f"No language model '{body.model}' here; known: {', '.join(server.dialogues.names)}.")
    if not body.messages:
        raise BadValue("messages is empty; send at least one message.")
    with server.metrics.timed("chat"):
        reply = answer(dialogue, body.for_dialogue())
    fail = reply.fail
    if fail and fail.delay_s:
        await asyncio.sleep(fail.delay_s)
    if fail and fail.status:
        raise VoxError(fail.message, code="simulated", status=fail.status)
    completion = _Completion(body, reply)
    if body.stream:
        usage = bool((body.stream_options or {}).get("include_usage"))
        return StreamingResponse(completion.events(usage), media_type="text/event-stream")
    if fail and fail.after_words is not None:
        await asyncio.sleep(fail.stall_s)
        raise VoxError(fail.message, code="simulated", status=502)
    return JSONResponse(completion.whole())


class _Completion:
    """A reply in OpenAI's two forms. Tokens are counted as words: a script has no tokenizer."""

    def __init__(self, body: ChatRequest, reply: Reply) -> None:
        self._reply = reply
        self._text = json.dumps(reply.json_object, ensure_ascii=False) if reply.json_object is not None else reply.text
        identity = f"chatcmpl-{uuid.uuid4().hex[:24]}"
        self._head = {"id": identity, "created": int(time.time()), "model": body.model or "default"}
        self._finish = "tool_calls" if reply.calls else "stop"
        asked = sum(len(str(message.get("content") or "").split()) for message in body.messages)
        said = len(self._text.split()) + sum(2 + len(call.arguments) for call in reply.calls)
        self._usage = {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}

    def whole(self) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": self._text or None, "refusal": None}
        if self._reply.calls:
            message["tool_calls"] = [
                {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": json.dumps(c.arguments)}}
                for c in self._reply.calls
            ]
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self._finish}
        return {**self._head, "object": "chat.completion", "choices": [choice], "usage": self._usage}

    async def events(self, with_usage: bool) -> AsyncIterator[bytes]:
        """Server-sent events: the role, words, tool calls in two deltas each, the reason, the usage, `[DONE]`."""
        fail = self._reply.fail
        yield self._event({"role": "assistant", "content": ""})
        words = self._text.split(" ") if self._text else []
        told = words if fail is None or fail.after_words is None else words[: fail.after_words]
        for start in range(0, len(told), WORDS_IN_A_CHUNK):
            piece = " ".join(told[start : start + WORDS_IN_A_CHUNK])
            yield self._event({"content": piece if start == 0 else f" {piece}"})
        if fail and fail.after_words is not None:
            await asyncio.sleep(fail.stall_s)
            return
        for index, call in enumerate(self._reply.calls):
            begin = {"name": call.name, "arguments": ""}
            yield self._event({"tool_calls": [{"index": index, "id": call.id, "type": "function", "function": begin}]})
            rest = {"arguments": json.dumps(call.arguments)}
            yield self._event({"tool_calls": [{"index": index, "function": rest}]})
        yield self._event({}, self._finish)
        if with_usage:
            yield self._line({"choices": [], "usage": self._usage})
        yield b"data: [DONE]\n\n"

    def _event(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        return self._line({"choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]})

    def _line(self, content: dict[str, Any]) -> bytes:
        chunk = {**self._head, "object": "chat.completion.chunk", **content}
        return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode()
