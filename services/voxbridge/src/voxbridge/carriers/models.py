"""Carriers on the wire."""

from __future__ import annotations

import ipaddress
from copy import copy
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, create_model
from voxkit.carriers import Adapter
from voxkit.contracts.base import UtcTime

from voxbridge.campaigns.partial import without_default
from voxbridge.models import ReplyModel, StrictModel

MAX_DIDS = 1_000
Originate = Literal["livekit_sip", "websocket_carrier"]
Direction = Literal["inbound", "outbound", "both"]
SyncStatus = Literal["pending", "synced", "error"]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
BotRef = Annotated[str, StringConstraints(max_length=64)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=256)]
Secret = Annotated[str, StringConstraints(max_length=256)]
HttpUrl = Annotated[str, StringConstraints(pattern=r"^(https?://[^\s@]+)?$", max_length=500)]
SipAddress = Annotated[
    str, StringConstraints(pattern=r"^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])?(:\d{1,5})?$", max_length=255)
]
Country = Annotated[str, StringConstraints(pattern=r"^([A-Z]{2})?$")]


def _network(entry: str) -> str:
    try:
        ipaddress.ip_network(entry, strict=False)
    except ValueError:
        raise ValueError(f"{entry[:60]!r} is no IP address and no network") from None
    return entry


Network = Annotated[str, AfterValidator(_network)]
_SECRET: Any = Field(
    default="", description='Read as a mask. Its mask or "" written back keeps what is stored; null clears it.'
)
_ADDRESSES: Any = Field(default_factory=list, max_length=100, description="IP addresses and networks.")


class RestFields(StrictModel):
    """What opens the API of a carrier that rings callees itself.

    `flow_url`: a flow at Exotel that connects the callee to a worker; empty: Exotel opens the worker's socket itself.
    """

    adapter: Adapter
    base_url: HttpUrl = Field(default="", description="Without the path of the account.")
    account_sid: str = Field(default="", pattern=r"^[A-Za-z0-9_-]{0,128}$")
    api_key: Secret | None = _SECRET
    api_token: Secret | None = _SECRET
    flow_url: HttpUrl = ""


class DidFields(StrictModel):
    """A number of ours. `bot_id`: who answers inbound calls; empty: nobody."""

    model_config = ConfigDict(json_schema_extra={"examples": [{
        "number": "+15550199", "label": "Front desk", "direction": "both", "bot_id": "demo",
    }]})  # fmt: skip
    number: Number
    label: Label = ""
    direction: Direction = "both"
    bot_id: BotRef = ""


class CarrierFields(StrictModel):
    """Everything that is written. The fields of `auth_…` count where their inbound and outbound ones are empty."""

    model_config = ConfigDict(json_schema_extra={"examples": [{
        "name": "Voxphone", "originate": "websocket_carrier", "outbound_cps": 5, "outbound_channels": 50,
        "rest": {"adapter": "voxphone", "base_url": "http://localhost:8050", "account_sid": "voxphone",
                 "api_key": "voxphone", "api_token": "a long random text"},
        "dids": [{"number": "+15550199", "direction": "both", "bot_id": "demo"}],
    }]})  # fmt: skip
    name: Name
    originate: Originate = "livekit_sip"
    sip_address: SipAddress = Field(default="", description="`host[:port]`; required for `livekit_sip`.")
    transport: Literal["auto", "tcp", "udp", "tls"] = "auto"
    destination_country: Country = Field(default="", description="ISO 3166 alpha-2.")
    inbound_auth_mode: Literal["credentials", "ip"] = "credentials"
    auth_username: Text = ""
    auth_password: Secret | None = _SECRET
    allowed_addresses: list[Network] = _ADDRESSES
    inbound_auth_username: Text = ""
    inbound_auth_password: Secret | None = _SECRET
    inbound_allowed_addresses: list[Network] = _ADDRESSES
    outbound_auth_username: Text = ""
    outbound_auth_password: Secret | None = _SECRET
    rest: RestFields | None = Field(default=None, description="Required for `websocket_carrier`.")
    outbound_cps: float = Field(default=1.0, ge=0.1, le=100, description="Calls placed a second by voxdialler.")
    outbound_burst: int = Field(
        default=1, ge=1, le=1_000, description="Calls that may be placed at once after a pause."
    )
    outbound_channels: int = Field(default=10, ge=1, le=500, description="Calls of voxdialler at a time.")
    dids: list[DidFields] = Field(default_factory=list, max_length=MAX_DIDS)


class CarrierCreate(CarrierFields):
    """A new carrier with its numbers."""


def _optional(model: type[StrictModel]) -> type[StrictModel]:
    """The fields of a model, each of which may be left out."""
    fields: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        kept = copy(info)
        if kept.is_required():
            kept.default = None
        kept.json_schema_extra = without_default
        fields[name] = (info.annotation, kept)
    return create_model(f"{model.__name__}Optional", __base__=StrictModel, **fields)


class CarrierUpdate(_optional(CarrierFields)):
    """Fields present are replaced whole, absent ones stay."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"outbound_cps": 5, "outbound_channels": 40}]})


class DidUpdate(_optional(DidFields)):
    """Fields present are replaced, absent ones stay."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"label": "Sales", "bot_id": "demo"}]})


class Did(ReplyModel):
    did_id: str
    number: str = Field(examples=["+15550199"])
    phone_key: str = Field(description="Its digits.", examples=["15550199"])
    label: str
    direction: Direction
    bot_id: str
    last_used_at: UtcTime | None = Field(description="The last call that was placed from it.")


class CarrierBreaker(ReplyModel):
    """What voxdialler thinks of the carrier after its last failures; null: nothing was ever wrong."""

    state: Literal["closed", "open", "half_open"]
    opened_at: UtcTime | None = None
    retry_at: UtcTime | None = None
    trips: int = 0


class CarrierRest(ReplyModel):
    adapter: Adapter
    base_url: str = ""
    account_sid: str = ""
    api_key: str = Field(default="", description="A mask.")
    api_token: str = Field(default="", description="A mask.")
    flow_url: str = ""


class Carrier(ReplyModel):
    """A carrier as people see it, secrets masked."""

    carrier_id: str
    name: str
    originate: Originate
    sip_address: str
    transport: str
    destination_country: str
    inbound_auth_mode: str
    auth_username: str
    auth_password: str
    allowed_addresses: list[str]
    inbound_auth_username: str
    inbound_auth_password: str
    inbound_allowed_addresses: list[str]
    outbound_auth_username: str
    outbound_auth_password: str
    rest: CarrierRest | None
    outbound_cps: float
    outbound_burst: int
    outbound_channels: int
    dids: list[Did]
    lk_inbound_trunk_id: str
    lk_outbound_trunk_id: str
    lk_dispatch_rule_id: str
    lk_sync_status: SyncStatus
    lk_sync_error: str
    lk_last_synced_at: UtcTime | None
    breaker: CarrierBreaker | None
    managed_by: str | None = Field(description="`integration:exotel`: it is changed there and read-only here.")
    created_at: UtcTime
    updated_at: UtcTime
