"""The optional model must cost nothing until it is named, and say what to install when it cannot be loaded."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from voxvoice.gguf import GgufModel, installed_llama
from voxvoice.models import ModelError

pytestmark = [pytest.mark.unit]


class FakeLlama:
    """Answers like `llama_cpp.Llama`; fails on an option it does not know."""

    made: list["FakeLlama"]

    def __init__(self, *, model_path: str, n_threads: int, n_ctx: int, verbose: bool) -> None:
        self.model_path = model_path
        FakeLlama.made.append(self)

    def create_chat_completion(self, *, messages: list[Any], stream: bool, temperature: float = 0.2) -> Any:
        if stream:
            return self._chunks()
        return {"choices": [{"message": {"role": "assistant", "content": f"{len(messages)} at {temperature}"}}]}

    def _chunks(self) -> Iterator[dict[str, Any]]:
        yield {"choices": [{"delta": {"content": "one"}}]}
        yield {"choices": [{"delta": {"content": "two"}}]}


@pytest.fixture
def model(tmp_path: Path) -> GgufModel:
    FakeLlama.made = []
    path = tmp_path / "small-chat.gguf"
    path.write_bytes(b"GGUF")
    return GgufModel(path, threads=1, factory=FakeLlama)


BODY = {"model": "small-chat", "messages": [{"role": "user", "content": "hi"}], "temperature": 0.5, "user": "ignored"}


async def test_the_file_is_loaded_at_the_first_request_and_once(model: GgufModel) -> None:
    assert model.name == "small-chat"
    assert FakeLlama.made == []
    for _ in range(2):
        response = await model.respond(BODY)
    assert json.loads(bytes(response.body))["choices"][0]["message"]["content"] == "1 at 0.5"
    assert len(FakeLlama.made) == 1


async def test_a_stream_ends_with_done(model: GgufModel) -> None:
    response = await model.respond({**BODY, "stream": True})
    lines = [line async for line in response.body_iterator]
    assert [json.loads(line[6:])["choices"][0]["delta"]["content"] for line in lines[:-1]] == ["one", "two"]
    assert lines[-1] == b"data: [DONE]\n\n"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nothing\.gguf does not exist"):
        GgufModel(tmp_path / "nothing.gguf", threads=1, factory=FakeLlama)


def test_a_missing_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "llama_cpp", None)
    with pytest.raises(ModelError, match=r"voxvoice\[gguf\]"):
        installed_llama()
