"""What voxdialler reads from its environment."""

import socket
from typing import Annotated, Self

from pydantic import Field, StringConstraints, field_validator, model_validator
from voxkit.contracts.registry import ClientName
from voxkit.registry import parse_pools
from voxkit.secrets import split_secrets
from voxkit.settings import EMPTY_MEANS_NONE, VoxSettings

from voxdialler.pacing import Rules

Share = Annotated[float, Field(ge=0, le=1)]
InstanceId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


def _host_name() -> str:
    return "".join(char if char.isalnum() or char in "._-" else "-" for char in socket.gethostname())[:64] or "dialler"


class DiallerSettings(VoxSettings):
    """Environment of voxdialler."""

    mongodb_uri: str = Field("mongodb://localhost:27017", repr=False, description="The database server of voxbridge.")
    mongodb_db: str = Field("voxbridge", min_length=1, description="Database; voxbridge works in the same one.")
    voxbridge_url: str = Field("http://localhost:8080", description="Asked for its health and carriers' credentials.")
    voxcore_secret: str = Field(repr=False, min_length=1, description="Comma list: the first is sent, all count.")
    registry_url: str = Field(
        "http://localhost:8070",
        json_schema_extra=EMPTY_MEANS_NONE,
        description="The capacity registry; empty: there is none.",
    )
    registry_pools: str = Field("", description="`pool=url` list; the first pool is dialled from.")
    deployment_name: ClientName = Field("default", description="`client` in reservations.")
    fleet_fallback: str = Field("", pattern="^(poll)?$", description="`poll`: ask hosts when the registry is away.")
    fleet_urls: str = Field("", description="Comma list of hosts to ask; empty: the setting `core_fleet`.")
    fleet_poll_seconds: float = Field(3, gt=0, le=60, description="Pause between two rounds of asking hosts.")
    fleet_health_timeout_seconds: float = Field(20, gt=0, le=120, description="A silent host counts as away then.")
    livekit_url: str = Field("", description="LiveKit server; empty: nothing rings over LiveKit.")
    livekit_api_key: str = Field("", description="LiveKit API key.")
    livekit_api_secret: str = Field("", repr=False, description="LiveKit API secret.")
    ws_media_tokens: str = Field("", repr=False, description="Comma list; the first stands in sockets without a seat.")
    outbound_url_allowlist: str = Field("", description="Private hosts, `host:port` or networks carriers may have.")
    dialler_public_url: str = Field("", description="Where carriers send status callbacks; empty: they are asked.")
    carrier_poll_seconds: float = Field(2, gt=0, le=60, description="Pause between two looks at an open call.")
    tick_seconds: float = Field(2, gt=0, le=60, description="Pause between two turns of the loop.")
    metrics_window_seconds: int = Field(300, ge=60, le=3600, description="What pacing measures over.")
    stale_scan_seconds: float = Field(30, gt=0, le=600, description="Pause between two looks for contacts left behind.")
    ring_timeout_seconds: int = Field(45, ge=10, le=120, description="A phone rings at most this long.")
    lease_ttl_seconds: int = Field(60, ge=30, le=600, description="A contact without a sign of its task is free then.")
    attach_budget_seconds: float = Field(3, gt=0, le=10, description="An answered callee waits for a bot this long.")
    attach_max_tries: int = Field(3, ge=1, le=10, description="Seats that are tried for one answered callee.")
    cold_start_threshold: int = Field(20, ge=1, le=10_000, description="Conversations before pacing predicts.")
    abandon_min_sample: int = Field(30, ge=1, le=10_000, description="Answers before the brake acts.")
    abandon_target: Share = Field(0.03, description="Share of answered calls without a bot that pacing aims below.")
    abandon_hard_threshold: Share = Field(0.05, description="Above this the rate is halved at least.")
    run_guard_min_sample: int = Field(100, ge=1, le=100_000, description="Answers of a run before its guard acts.")
    predictive_min_seats: int = Field(5, ge=1, le=10_000, description="With fewer seats nothing is predicted.")
    pacing_safety: float = Field(1.0, ge=0, le=5, description="How many standard deviations of room stay free.")
    max_overdial: float = Field(4, ge=1, le=20, description="Phones that ring for each seat at most.")
    health_host: str = Field("127.0.0.1", description="Address of the health server; `0.0.0.0` in a container.")
    health_port: int = Field(8090, ge=1, le=65_535, description="Port of the health server.")
    health_stale_seconds: float = Field(30, gt=0, le=600, description="Without a turn of the loop for so long: 503.")
    metrics_token: str = Field("", repr=False, description="Bearer token of `/metrics`; empty: open.")
    dialler_instance_id: InstanceId = Field(default_factory=_host_name, description="Name of this process; host name.")
    dialler_lock_file: str = Field(
        "./data/voxdialler.lock", description="Shared by all diallers of a host: a restart takes over at once."
    )

    @field_validator("fleet_urls", "outbound_url_allowlist")
    @classmethod
    def _trimmed(cls, value: str) -> str:
        return ",".join(part.strip() for part in value.split(",") if part.strip())

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.abandon_hard_threshold < self.abandon_target:
            raise ValueError("ABANDON_HARD_THRESHOLD must not be below ABANDON_TARGET")
        parse_pools(self.registry_pools, self.registry_url)
        return self

    @property
    def fleet_hosts(self) -> list[str]:
        """Base addresses of `FLEET_URLS`."""
        return [url.strip().rstrip("/") for url in self.fleet_urls.split(",") if url.strip()]

    @property
    def secrets(self) -> tuple[str, ...]:
        return split_secrets(self.voxcore_secret)

    @property
    def media_token(self) -> str:
        """What a media socket without a reserved seat is opened with; empty = none."""
        tokens = split_secrets(self.ws_media_tokens)
        return tokens[0] if tokens else ""

    @property
    def pool(self) -> tuple[str, str] | None:
        """Name and URL of the registry's pool that is dialled from; None = no registry."""
        if not self.registry_url and not self.registry_pools:
            return None
        return next(iter(parse_pools(self.registry_pools, self.registry_url).items()))

    @property
    def rules(self) -> Rules:
        """The limits of pacing."""
        return Rules(
            ring_timeout_s=self.ring_timeout_seconds,
            cold_start=self.cold_start_threshold,
            abandon_min_sample=self.abandon_min_sample,
            abandon_target=self.abandon_target,
            abandon_hard=self.abandon_hard_threshold,
            run_guard_min_sample=self.run_guard_min_sample,
            min_seats=self.predictive_min_seats,
            safety=self.pacing_safety,
            max_overdial=self.max_overdial,
        )
