"""Starts of a call by POST, and their one answer."""

from typing import Any, Literal

from pydantic import Field

from voxkit.contracts.base import BotId, WireModel


class LivekitDispatch(WireModel):
    """`POST /livekit/dispatch`: an inbound SIP call waits in a room."""

    room_name: str = Field(min_length=1, max_length=128)
    caller_number: str = Field(min_length=1, max_length=64)
    dialed_number: str = Field(min_length=1, max_length=64)
    call_id: str | None = Field(default=None, max_length=128)
    config_url: str | None = Field(default=None, max_length=2048)


class LivekitDialout(WireModel):
    """`POST /livekit/dialout`: ring a number over SIP."""

    bot_id: BotId
    to_number: str = Field(min_length=1, max_length=64)
    from_number: str | None = Field(default=None, max_length=64)
    connected_event: dict[str, Any] = Field(default_factory=dict)
    config_url: str | None = Field(default=None, max_length=2048)


class Attach(WireModel):
    """`POST /attach`: the callee of a campaign is already on the line."""

    room_name: str = Field(min_length=1, max_length=128)
    bot_id: BotId
    to_number: str | None = Field(default=None, max_length=64)
    from_number: str | None = Field(default=None, max_length=64)
    config_url: str | None = Field(default=None, max_length=2048)
    connected_event: dict[str, Any] = Field(default_factory=dict)
    campaign_call_id: str | None = Field(default=None, max_length=64)


class LivekitWidget(WireModel):
    """`POST /livekit/widget`: a visitor of a web site talks to the bot."""

    bot_id: BotId
    room_name: str = Field(min_length=1, max_length=128)
    caller_id: str = Field(default="widget-user", max_length=64)
    config_url: str | None = Field(default=None, max_length=2048)


class StartAccepted(WireModel):
    """The answer to a start that was taken."""

    status: Literal["accepted"] = "accepted"
    call_id: str
    room_name: str | None = None
