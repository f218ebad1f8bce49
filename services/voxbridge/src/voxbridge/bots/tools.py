"""Tools and transfer targets of a bot: their rules when they are saved."""

from __future__ import annotations

import json
import re
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, field_validator, model_validator
from voxkit.contracts.runtime_config import BUILTIN_TOOLS, ToolGuidance
from voxkit.templates import TOKEN

from voxbridge.models import StrictModel

TransferMethod = Literal["websocket_reverse_transfer", "livekit_sip_refer", "agent_desk"]
TransferType = Literal["extension", "sip_uri", "tel_uri", "phone_number", "agent_queue"]
PAIRS: dict[str, tuple[str, ...]] = {
    "websocket_reverse_transfer": ("extension", "phone_number"),
    "livekit_sip_refer": ("sip_uri", "tel_uri", "phone_number"),
    "agent_desk": ("agent_queue",),
}
assert set(PAIRS) == set(get_args(TransferMethod))
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")


def sanitised_name(name: str) -> str:
    """A tool name from what people write: `Check Order!` -> `check_order`. Raises: ValueError: nothing usable in it."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    plain = plain if plain[:1].isalpha() else f"tool_{plain}"
    if plain == "tool_":
        raise ValueError("needs at least one letter or digit (a to z, 0 to 9)")
    return plain[:63]


class ToolParameter(StrictModel):
    name: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$", examples=["order_id"])
    type: Literal["string", "number", "integer", "boolean"] = "string"
    description: str = Field(default="", max_length=1_000)
    required: bool = False
    enum: list[str | int | float | bool] | None = Field(default=None, max_length=100)


class Guidance(ToolGuidance):
    """Hints for the language model about an outcome; no scripts."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())


class CustomTool(StrictModel):
    """A function the language model may call: over HTTP, or only recorded as an intent."""

    name: str = Field(min_length=1, max_length=200, examples=["check_order"])
    description: str = Field(default="", max_length=4_000, description="When to call it, for the language model.")
    guidance: Guidance = Field(default_factory=Guidance)
    has_api: bool = True
    timing: Literal["immediate", "speak_then_run", "speak_and_run_parallel"] = "immediate"
    hold_message_intent: str = Field(default="", max_length=1_000)
    method: Literal["GET", "POST"] = "GET"
    url: str = Field(default="", max_length=4_000)
    headers: dict[str, str | None] = Field(default_factory=dict[str, str | None], max_length=50)
    query_params: dict[str, str] = Field(default_factory=dict[str, str], max_length=50)
    body_template: str | None = Field(default=None, max_length=60_000)
    timeout_seconds: float = Field(default=8, ge=1, le=30)
    parameters: list[ToolParameter] = Field(default_factory=list[ToolParameter], max_length=50)

    @field_validator("name")
    @classmethod
    def _name(cls, value: str) -> str:
        name = value if _NAME.fullmatch(value) else sanitised_name(value)
        if name in BUILTIN_TOOLS:
            raise ValueError(f"{name} is the name of a built-in tool; choose another")
        return name

    @field_validator("headers")
    @classmethod
    def _headers(cls, value: dict[str, str | None]) -> dict[str, str | None]:
        return checked_headers(value)

    @model_validator(mode="after")
    def _fits(self) -> CustomTool:
        if self.has_api and not self.url:
            raise ValueError("url is required when has_api is true")
        if self.url:
            check_url_template(self.url)
        if self.body_template is not None:
            if self.method != "POST":
                raise ValueError("body_template is for POST only")
            try:
                json.loads(self.body_template)
            except ValueError:
                raise ValueError(
                    'body_template must be JSON text; a template stands inside a string, as in {"id": "{{order_id}}"}'
                ) from None
        names = [parameter.name for parameter in self.parameters]
        if len(set(names)) != len(names):
            raise ValueError("two parameters have the same name")
        return self


class TransferTarget(StrictModel):
    """A place that a call can be handed to."""

    id: str = Field(min_length=1, max_length=64, examples=["service"])
    label: str = Field(default="", max_length=120)
    method: TransferMethod
    type: TransferType
    value: str = Field(min_length=1, max_length=500, examples=["2001"])
    is_default: bool = False
    enabled: bool = True

    @model_validator(mode="after")
    def _fits(self) -> TransferTarget:
        if self.type not in PAIRS[self.method]:
            raise ValueError(f"method {self.method} goes with type {' or '.join(PAIRS[self.method])}, not {self.type}")
        scheme = {"sip_uri": "sip:", "tel_uri": "tel:"}.get(self.type)
        if scheme and not self.value.startswith(scheme):
            raise ValueError(f"a {self.type} begins with {scheme}")
        return self


def checked_headers(headers: dict[str, Any]) -> dict[str, Any]:
    """Header names as HTTP allows them. Raises: ValueError."""
    for name in headers:
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no valid header name")
    if len({name.lower() for name in headers}) != len(headers):
        raise ValueError("two headers have the same name")
    return headers


def check_url_template(url: str) -> None:
    """Templates may stand in path and query only. Raises: ValueError."""
    head = url.split("://", 1)
    authority = re.split(r"[/?#]", head[1], maxsplit=1)[0] if len(head) == 2 else url
    if TOKEN.search(head[0]) or TOKEN.search(authority) or "{{" in authority:
        raise ValueError("templates may stand in the path and the query of a URL, not in scheme, host or port")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError("the URL is not valid") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("only http and https URLs with a host are allowed")
    if parts.username is not None or parts.password is not None:
        raise ValueError("credentials must not stand in the URL; use a header")
