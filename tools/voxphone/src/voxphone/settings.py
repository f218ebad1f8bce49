"""Settings of voxphone, from the environment."""

from pathlib import Path

from pydantic import AliasChoices, Field, field_validator
from voxkit.netguard import Allowlist
from voxkit.settings import VoxSettings


class PhoneSettings(VoxSettings):
    """What the phone client needs; the service adds its own below."""

    voxphone_voice_url: str = Field(
        "http://localhost:8060/v1",
        pattern=r"^https?://",
        description="Base URL of the speech server that gives personas a voice and transcribes what they hear.",
    )
    voxphone_voice_key: str = Field("", description="Bearer key for the speech server; empty = none is sent.")

    @property
    def cache_dir(self) -> Path:
        """Folder of the synthesised clips, made once and used by every run."""
        return Path(self.vox_data_dir) / "voxphone-cache"


class ServiceSettings(PhoneSettings):
    """Names with the prefix win over the plain ones, so that one environment can serve several programs."""

    host: str = Field(
        "127.0.0.1",
        validation_alias=AliasChoices("VOXPHONE_HOST", "HOST"),
        description="Address to listen on; `0.0.0.0` for all.",
    )
    port: int = Field(
        8050,
        ge=0,
        le=65535,
        validation_alias=AliasChoices("VOXPHONE_PORT", "PORT"),
        description="Port; 0 takes a free one.",
    )
    voxphone_account: str = Field(
        "voxphone", pattern=r"^[A-Za-z0-9_-]{1,64}$", description="Account id in the paths of the carrier API."
    )
    voxphone_api_key: str = Field("voxphone", min_length=1, description="User name of HTTP Basic.")
    voxphone_api_token: str = Field(
        min_length=1, description="Password of HTTP Basic, and key of the callback signatures."
    )
    voxphone_cps: float = Field(20.0, gt=0, le=1000, description="Calls a second the carrier accepts; more is 429.")
    voxphone_channels: int = Field(200, ge=1, le=5000, description="Calls at once; more is 429 `channels_full`.")
    voxphone_population: Path | None = Field(
        None, description="YAML file that says which number behaves how; unset = the built-in numbering plan."
    )
    outbound_url_allowlist: str = Field(
        "", description="Hosts, `host:port` and networks that status callbacks may reach although they are private."
    )

    @field_validator("outbound_url_allowlist")
    @classmethod
    def _is_an_allowlist(cls, value: str) -> str:
        Allowlist.parse(value)
        return value
