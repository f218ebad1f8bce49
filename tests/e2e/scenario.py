"""A spoken call as data: who calls, which bot answers, and how the call is placed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from voxphone.persona import Persona, builtin_names, load_persona, parse_persona

if TYPE_CHECKING:
    from .backend import Backend
    from .outcome import Outcome
    from .switchboard import Switchboard

PROVIDER_KEY = "pk-planted-1f0c9e7a55"
TOOL_AUTHORIZATION = "Bearer planted-tool-token-88e1"
BotFields = Mapping[str, Any] | Callable[["Backend"], Mapping[str, Any]]


def stage(**fields: Any) -> dict[str, Any]:
    """A stage at the local models, with a key that must never be seen again."""
    return {"provider": "openai_compatible", "api_key": PROVIDER_KEY, **fields}


BASE_BOT: dict[str, Any] = {
    "opening_message": "Hello, this is Vox Parcels. How can I help you?",
    "system_prompt": "You are the telephone assistant of Vox Parcels.",
    "stt": stage(),
    "llm": stage(model="default"),
    "tts": stage(),
    "builtin_tools": {"end_call": {"enabled": True}},
    "re_engagement": None,
}


@dataclass(frozen=True, eq=False)
class Scenario:
    """One call. `persona` is the name of a built-in one or its steps in YAML; `bot` are fields over `BASE_BOT`, as they
    are or made with the backend at hand; `options` go to the phone; `run` replaces the plain placing of the call.
    """

    name: str
    persona: str
    bot: BotFields = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    protocol: Literal["vox", "exotel"] = "vox"
    persona_fields: Mapping[str, Any] = field(default_factory=dict)
    run: Callable[[Switchboard, Scenario, str], Awaitable[Outcome]] | None = None

    def callee(self) -> Persona:
        if self.persona in builtin_names():
            return load_persona(self.persona)
        heading = f"name: {self.name}\nabout: The customer of this test.\n"
        fields = "".join(f"{key}: {value}\n" for key, value in self.persona_fields.items())
        return parse_persona(f"{heading}{fields}steps:\n{self.persona}", self.name)

    def bot_fields(self, backend: Backend) -> dict[str, Any]:
        own = self.bot(backend) if callable(self.bot) else self.bot
        return {**BASE_BOT, "name": self.name, **own}


def order_tool(path: str, **fields: Any) -> Callable[[Backend], Mapping[str, Any]]:
    """A bot with `check_order`, whose API is `path` at the backend (or a whole URL)."""

    def bot(backend: Backend) -> Mapping[str, Any]:
        url = path if "://" in path else f"{backend.url}{path}"
        tool = {
            "name": "check_order",
            "description": "Call when the customer asks where an order is.",
            "method": "GET",
            "url": url,
            "headers": {"Authorization": TOOL_AUTHORIZATION},
            "query_params": {"caller": "{{call.callerId}}"},
            "parameters": [{"name": "order_id", "type": "string", "description": "Number.", "required": True}],
            **fields,
        }
        return {"custom_tools": [tool]}

    return bot
