"""What voxbridge reads from its environment; what people change at run time lives in the settings document."""

from __future__ import annotations

import ipaddress
import re
from typing import Any, Literal

from pydantic import Field, field_validator
from voxkit.errors import ConfigurationError
from voxkit.netguard import Allowlist
from voxkit.registry import parse_pools
from voxkit.secrets import split_secrets
from voxkit.settings import EMPTY_MEANS_NONE, VoxSettings

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class BridgeSettings(VoxSettings):
    """Environment of voxbridge. Provider keys are no part of it: they live in the settings document, encrypted."""

    mongodb_uri: str = Field("mongodb://localhost:27017", description="MongoDB, or a server that speaks its protocol.")
    mongodb_db: str = Field("voxbridge", description="Database; the dialler works in the same one.")
    redis_url: str = Field("redis://localhost:6379/0", description="Redis or Valkey: caches, rate limits, agent desk.")

    jwt_secret: str = Field(description="Signs the tokens of people who log in; at least 32 bytes.")
    jwt_algorithm: Literal["HS256", "HS384", "HS512"] = Field("HS256", description="How those tokens are signed.")
    jwt_expire_minutes: int = Field(720, ge=1, le=525_600, description="A token is valid for this long, minutes.")
    settings_encryption_key: str = Field(
        description="Comma list of keys for secrets at rest: the first encrypts, all decrypt. Any text."
    )
    voxcore_secret: str = Field(description="Comma list of secrets between services: the first is sent, all count.")

    public_base_url: str = Field("", description="How people and CRMs reach voxbridge; empty: the request's own base.")
    internal_base_url: str = Field("", description="How workers reach voxbridge; empty: the base they used.")
    host: str = Field("0.0.0.0", description="Address to listen on.")
    port: int = Field(8080, ge=1, le=65_535, description="Port to listen on.")
    cors_origins: str = Field("", description="Comma list of origins whose pages may call the API.")
    trusted_proxies: str = Field(
        "127.0.0.1/32", description="Comma list of networks whose `X-Forwarded-*` headers are believed."
    )

    first_admin_email: str = Field("", description="Made super_admin when there is no user yet.")
    first_admin_password: str = Field("", description="Empty: one is made and kept in `VOX_DATA_DIR/first-admin`.")
    seed_demo: bool = Field(False, description="Make the bot `demo`, and the carrier of voxphone, when absent.")
    voxphone_url: str = Field("", description="Base URL of voxphone for the demo carrier; empty: none is made.")
    voxphone_account: str = Field("voxphone", description="Account id in the paths of its carrier API.")
    voxphone_api_key: str = Field("voxphone", description="User name of HTTP Basic there.")
    voxphone_api_token: str = Field(
        "", description="Password of HTTP Basic there, and key of the callback signatures; empty: no demo carrier."
    )

    openai_compatible_base_url: str = Field(
        "http://localhost:8060/v1", description="First value of the setting: local speech and language models."
    )
    outbound_url_allowlist: str = Field(
        "", description="Comma list of hosts, `host:port` and networks that user-set URLs may reach although private."
    )
    core_fleet: str = Field("", description="First value of the setting `core_fleet`: comma list of worker base URLs.")
    browser_wss_base: str = Field("", description="Socket base URL for browser calls; empty: the public one.")
    fleet_health_timeout_seconds: float = Field(20, gt=0, le=120, description="Limit of one fleet probe, seconds.")
    fleet_fallback: Literal["", "poll"] = Field(
        "", description="`poll`: choose by polling while the registry is away; empty: refuse."
    )
    registry_url: str = Field(
        "http://localhost:8070",
        description="Capacity registry; empty: choose by polling only.",
        json_schema_extra=EMPTY_MEANS_NONE,
    )
    registry_pools: str = Field(
        "",
        description="Comma list of `pool=url` in the order to ask: the next one when a pool is full; "
        "empty: `default` at `REGISTRY_URL`.",
    )
    deployment_name: str = Field("default", description="Name of this deployment at the registry.")
    ws_media_tokens: str = Field("", description="Comma list of tokens for media sockets; the first stands in URLs.")

    object_store_url: str = Field("", description="Recordings: `file:///…` or `s3://bucket?endpoint=…`.")
    s3_access_key: str = Field("", description="Access key of an `s3://` object store.")
    s3_secret_key: str = Field("", description="Secret key of an `s3://` object store.")
    livekit_url: str = Field("", description="LiveKit server; empty: what needs it answers 503.")
    livekit_api_key: str = Field("", description="API key at LiveKit.")
    livekit_api_secret: str = Field("", description="API secret at LiveKit.")

    agent_desk_enabled: bool = Field(False, description="Offer calls to human agents in the console.")
    dialout_per_minute: int = Field(120, ge=1, le=100_000, description="Calls one API key may start in a minute.")
    metrics_token: str = Field("", description="Bearer token for `/metrics`; empty: open.")

    voxui_dist: str = Field("", description="Folder of the built console, served at `/`; empty: not served.")
    voxui_api_url: str = Field("/api/v1", description="Where the console finds the API.")
    voxui_brand_name: str = Field("Vox", description="Name shown by the console.")
    voxui_brand_powered_by: str = Field(
        "Powered by Vox", description="Line under the sign-in form; empty: none.", json_schema_extra=EMPTY_MEANS_NONE
    )
    voxui_token_key: str = Field("vox_token", description="Key under which the browser keeps its token.")
    voxui_brand_logo: str = Field(
        "/brand/logo.png", description="Logo of the console, a path of this host; `false`: none."
    )
    voxui_brand_theme: str = Field(
        "", description="Path of an extra stylesheet on this host, such as `/brand/theme.css`."
    )
    voxui_primary_color: str = Field("", description="Brand colour, `#rrggbb`; empty: built in.")
    voxui_primary_soft: str = Field("", description="Soft brand colour, `#rrggbb`; empty: built in.")
    voxui_bg_color: str = Field("", description="Background colour, `#rrggbb`; empty: built in.")
    voxui_aurora_color1: str = Field("", description="First colour of the sign-in background.")
    voxui_aurora_color2: str = Field("", description="Second colour of the sign-in background.")
    voxui_adk_enabled: bool = Field(False, description="Show the agent desk in the console.")
    voxui_docs_url: str = Field("", description="Link to documentation shown in the console.")

    @field_validator("jwt_secret")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        if len(value.encode()) < 32:
            raise ValueError("must have at least 32 bytes; `vox init` writes a random one into .env")
        return value

    @field_validator("settings_encryption_key", "voxcore_secret")
    @classmethod
    def _not_empty(cls, value: str) -> str:
        if not split_secrets(value):
            raise ValueError("must not be empty; `vox init` writes a random one into .env")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        for entry in split_secrets(value):
            try:
                ipaddress.ip_network(entry, strict=False)
            except ValueError:
                raise ValueError(f"{entry!r} is no network; write for example 10.0.0.0/8") from None
        return value

    @field_validator("outbound_url_allowlist")
    @classmethod
    def _allowlist(cls, value: str) -> str:
        try:
            Allowlist.parse(value)
        except ValueError as error:
            raise ValueError(f"{error}; write hosts, host:port or networks, separated by commas") from None
        return value

    @field_validator("registry_pools")
    @classmethod
    def _pools(cls, value: str) -> str:
        parse_pools(value, "")
        return value

    @field_validator("deployment_name")
    @classmethod
    def _name(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z0-9-]{1,48}", value):
            raise ValueError("must be 1 to 48 of a-z, 0-9 and -")
        return value

    @field_validator(
        "public_base_url", "internal_base_url", "openai_compatible_base_url", "registry_url", "voxphone_url"
    )
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @property
    def secrets(self) -> tuple[str, ...]:
        """All service secrets that are accepted; the first one is sent."""
        return split_secrets(self.voxcore_secret)

    @property
    def pools(self) -> dict[str, str]:
        """Pool -> URL of its registry, in the order to ask; empty: choose by polling only."""
        return parse_pools(self.registry_pools, self.registry_url) if self.registry_url else {}

    @property
    def proxy_networks(self) -> tuple[Network, ...]:
        return tuple(ipaddress.ip_network(entry, strict=False) for entry in split_secrets(self.trusted_proxies))

    @classmethod
    def load(cls, **overrides: Any) -> BridgeSettings:
        """Read the environment. Raises: ConfigurationError: one line that names each wrong variable and the way out."""
        try:
            settings = super().load(**overrides)
        except ConfigurationError as error:
            told = str(error).replace("Value error, ", "")
            raise ConfigurationError(
                told.replace("Field required", "is required; `vox init` writes a random one into .env")
            ) from None
        assert isinstance(settings, cls)
        return settings
