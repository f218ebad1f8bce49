"""What a worker is told by its environment."""

import re
import socket
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator
from voxkit.netguard import Allowlist
from voxkit.secrets import split_secrets
from voxkit.settings import EMPTY_MEANS_NONE, VoxSettings

NAME = re.compile(r"[a-z0-9-]{1,48}")
POOL = re.compile(r"[a-z0-9-]{1,32}")
IMAGE_TAG = re.compile(r"[A-Za-z0-9._-]{1,128}")


def _host_name() -> str:
    """This machine's name in the letters a worker id may have."""
    plain = re.sub(r"[^a-z0-9-]+", "-", socket.gethostname().lower()).strip("-")
    return plain[:40] or "host"


class VoxcoreSettings(VoxSettings):
    """Settings of one worker process."""

    voxbridge_config_url: str = Field(
        description="Where configurations are fetched, `https://api.example.com/api/v1/config`; must end in `/config`."
    )
    voxcore_secret: str = Field(
        repr=False, min_length=1, description="Comma list: the first is sent to other services, all are accepted."
    )
    config_url_allowlist: str = Field(
        default="", description="Comma list of further config URLs that a start may name; path matched by segment."
    )
    max_concurrent_calls: int = Field(default=1, description="Only 1 is possible: one process carries one call.")
    voxcore_workers: int = Field(default=1, ge=1, description="Workers of this host, for the totals of `/health`.")
    seats: int = Field(default=1, ge=1, le=256, description="More than 1: that many workers forked from one parent.")
    voxcore_worker_id: str = Field(default="", description="Name of this worker in the fleet; empty: `{host}-1`.")
    voxcore_host_id: str = Field(default="", description="Name of this host; empty: the host's own name.")
    voxcore_siblings: str = Field(default="", description="Comma list of worker URLs that `/health/fleet` sums up.")
    voxcore_host: str = Field(default="0.0.0.0", description="Address to listen on.")
    voxcore_port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 lets the system choose.")
    voxcore_socket: str = Field(default="", description="Path of a Unix socket to listen on instead of a port.")
    voxcore_public_url: str = Field(
        default="", description="This worker through its balancer; empty: `http://localhost:{port}`."
    )
    voxcore_direct_url: str = Field(default="", description="This worker itself; empty: `http://localhost:{port}`.")
    registry_url: str = Field(
        default="http://localhost:8070", description="voxregistry; empty: none.", json_schema_extra=EMPTY_MEANS_NONE
    )
    voxcore_pool: str = Field(default="default", description="Pool of this worker at the registry.")
    deployment_name: str = Field(default="", description="Client whose quota a call without a reservation uses.")
    outbox_dir: Path = Field(
        default=Path("./data/outbox"), description="Folder of undelivered results and recordings, one per host."
    )
    outbox_min_free_mb: int = Field(
        default=200, ge=0, description="With less free disk than this the worker takes no calls, megabytes."
    )
    object_store_url: str = Field(
        default="", description="Store of recordings: `file:///…` or `s3://bucket?endpoint=…`; empty: they stay local."
    )
    s3_access_key: str = Field(default="", repr=False, description="Access key of an `s3://` store.")
    s3_secret_key: str = Field(default="", repr=False, description="Secret key of an `s3://` store.")
    livekit_url: str = Field(default="", description="LiveKit server; empty: LiveKit routes answer 503.")
    livekit_api_key: str = Field(default="", repr=False, description="LiveKit API key.")
    livekit_api_secret: str = Field(default="", repr=False, description="LiveKit API secret.")
    ws_media_tokens: str = Field(
        default="", repr=False, description="Comma list of tokens that carrier sockets must bring; empty: no check."
    )
    ws_chunk_ms: Literal[20, 40, 60, 80, 100] = Field(
        default=20, description="Length of one outbound audio frame of `/ws`, milliseconds."
    )
    outbound_url_allowlist: str = Field(
        default="", description="Hosts, `host:port` and networks that user-set URLs may reach although private."
    )
    dead_air_seconds: float = Field(
        default=60, ge=0, description="Silence of both sides that ends a call without re-engagement, seconds; 0: never."
    )
    drain_timeout_seconds: float = Field(
        default=0, ge=0, description="After SIGTERM, seconds until a live call is ended as `error`; 0: never."
    )
    voxcore_preload: str = Field(default="openai_compatible", description="Comma list of adapters loaded at boot.")
    recycle_after_calls: int = Field(default=0, ge=0, description="Drain and exit 0 after so many calls; 0: never.")
    log_transcripts: bool = Field(default=False, description="With LOG_LEVEL=DEBUG: transcripts in the log.")

    @field_validator("ws_chunk_ms", mode="before")
    @classmethod
    def _number(cls, value: object) -> object:
        return int(value) if isinstance(value, str) and value.isdigit() else value

    @field_validator("max_concurrent_calls")
    @classmethod
    def _one_call(cls, value: int) -> int:
        if value != 1:
            raise ValueError(
                f"must be 1, not {value}: one process carries one call. For more calls start more workers, "
                "or fork them with SEATS"
            )
        return value

    @field_validator("voxbridge_config_url")
    @classmethod
    def _config_url(cls, value: str) -> str:
        value = value.rstrip("/")
        if not re.match(r"https?://[^/?#]+/", value) or not value.endswith("/config"):
            raise ValueError("must be an http or https URL that ends in /config")
        return value

    @field_validator("voxcore_secret", "ws_media_tokens")
    @classmethod
    def _some_secret(cls, value: str) -> str:
        if value and not split_secrets(value):
            raise ValueError("holds only commas and blanks; give at least one value")
        return value

    @field_validator("registry_url")
    @classmethod
    def _registry_address(cls, value: str) -> str:
        if value and not re.match(r"https?://[^/?#]+", value):
            raise ValueError("must be an http or https URL, or empty for none")
        return value.rstrip("/")

    @field_validator("object_store_url")
    @classmethod
    def _known_store(cls, value: str) -> str:
        if value and not value.startswith(("file:///", "s3://")):
            raise ValueError("must begin with file:/// or s3://")
        return value

    @field_validator("outbound_url_allowlist")
    @classmethod
    def _readable_allowlist(cls, value: str) -> str:
        Allowlist.parse(value)
        return value

    @model_validator(mode="after")
    def _names(self) -> "VoxcoreSettings":
        self.voxcore_host_id = self.voxcore_host_id or _host_name()
        self.voxcore_worker_id = self.voxcore_worker_id or f"{_host_name()}-1"
        # What the registry would refuse in every heartbeat is refused here, once and with its name.
        for variable, value, example in (
            ("VOXCORE_WORKER_ID", self.voxcore_worker_id, "fleet1-3"),
            ("VOXCORE_HOST_ID", self.voxcore_host_id, "fleet1"),
            ("DEPLOYMENT_NAME", self.deployment_name or "none", "main"),
        ):
            if not NAME.fullmatch(value):
                raise ValueError(
                    f"{variable} {value!r}: only a-z, 0-9 and -, at most 48 characters, for example {example}"
                )
        if not POOL.fullmatch(self.voxcore_pool):
            raise ValueError(f"VOXCORE_POOL {self.voxcore_pool!r}: only a-z, 0-9 and -, at most 32 characters")
        if not IMAGE_TAG.fullmatch(self.vox_image_tag):
            raise ValueError(
                f"VOX_IMAGE_TAG {self.vox_image_tag!r}: only letters, digits, dot, - and _, at most 128 characters"
            )
        local = f"http://localhost:{self.voxcore_port}"
        self.voxcore_public_url = (self.voxcore_public_url or local).rstrip("/")
        self.voxcore_direct_url = (self.voxcore_direct_url or local).rstrip("/")
        return self

    def on_port(self, port: int) -> "VoxcoreSettings":
        """The same with the port that the system chose, in the addresses others are told too."""
        asked, found = f"http://localhost:{self.voxcore_port}", f"http://localhost:{port}"
        told = {
            name: found if value == asked else value
            for name, value in (
                ("voxcore_public_url", self.voxcore_public_url),
                ("voxcore_direct_url", self.voxcore_direct_url),
            )
        }
        return self.model_copy(update={"voxcore_port": port, **told})

    @property
    def secrets(self) -> tuple[str, ...]:
        """All accepted values of `VOXCORE_SECRET`."""
        return split_secrets(self.voxcore_secret)

    @property
    def media_tokens(self) -> tuple[str, ...]:
        return split_secrets(self.ws_media_tokens)

    @property
    def siblings(self) -> tuple[str, ...]:
        return tuple(part.strip().rstrip("/") for part in self.voxcore_siblings.split(",") if part.strip())

    @property
    def preload_names(self) -> list[str]:
        return [part.strip() for part in self.voxcore_preload.split(",") if part.strip()]
