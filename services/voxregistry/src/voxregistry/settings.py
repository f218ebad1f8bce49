"""What voxregistry reads from its environment, and the two files that it may name."""

import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from voxkit.contracts.registry import ClientName, Pool, Quota
from voxkit.errors import ConfigurationError
from voxkit.secrets import matches_any, split_secrets
from voxkit.settings import VoxSettings

from voxregistry.store import Limits

Role = Literal["worker", "caller", "operator"]


def _not_empty(value: str) -> str:
    if not split_secrets(value):
        raise ValueError("there is no secret in it")
    return value


Secrets = Annotated[str, AfterValidator(_not_empty)]


class RegistrySettings(VoxSettings):
    """Environment of voxregistry."""

    registry_redis_url: str = Field(
        "redis://localhost:6379/1",
        description="Valkey 8 or Redis 7: `redis://host:6379/1` or `redis+sentinel://s1,s2,s3/vox/1`.",
    )
    voxcore_secret: Secrets = Field(
        repr=False, description="Comma list: the first signs fences and is sent to workers, all count."
    )
    host: str = Field("0.0.0.0", description="Address to listen on.")
    port: int = Field(8070, ge=1, le=65_535, description="Port to listen on.")
    web_processes: int = Field(0, ge=0, le=64, description="API processes on one port; 0: one a core, at most 4.")
    registry_config: str = Field(
        "", description="YAML file with `placement`, `inbound_headroom`, `quotas` of each pool; read again on SIGHUP."
    )
    registry_keys_file: str = Field("", description="File with lines `sha256 role client`; each key has only its role.")
    default_client_quota: str = Field(
        '{"max":null,"min":0,"weight":1}', description="JSON: limits of a client without limits of its own."
    )
    notify_workers: bool = Field(True, description="Tell a worker at once what is reserved on it.")
    heartbeat_ttl_ms: int = Field(9_000, ge=500, le=600_000, description="A worker silent for this long is lost.")
    max_hold_ms: int = Field(180_000, ge=1_000, le=3_600_000, description="No seat is held longer before its start.")
    max_waiting: int = Field(10_000, ge=0, le=1_000_000, description="Waiting reservations of a pool at most.")
    rebuild_ms: int = Field(4_000, ge=0, le=600_000, description="After a new or emptied store: no grant for so long.")

    @property
    def processes(self) -> int:
        return self.web_processes or min(os.cpu_count() or 1, 4)

    @property
    def secrets(self) -> tuple[str, ...]:
        return split_secrets(self.voxcore_secret)

    def limits(self) -> Limits:
        """What every step is told. Raises: ConfigurationError: the default quota is none."""
        try:
            quota = Quota.model_validate_json(self.default_client_quota)
        except ValidationError as error:
            raise ConfigurationError(f"DEFAULT_CLIENT_QUOTA: {error.errors()[0]['msg']}") from None
        if quota.min or quota.campaigns:
            raise ConfigurationError("DEFAULT_CLIENT_QUOTA: seats are kept for named clients only; set `min` to 0")
        return Limits(
            ttl=self.heartbeat_ttl_ms,
            hold=self.max_hold_ms,
            waiting=self.max_waiting,
            rebuild=self.rebuild_ms,
            quota=quota.model_dump(),
        )


class RelaySettings(VoxSettings):
    """Environment of `voxregistry relay`."""

    registry_url: str = Field("http://localhost:8070", description="The registry behind the relay.")
    voxcore_secret: Secrets = Field(repr=False, description="Comma list: all open it, the first is sent on.")
    host: str = Field("0.0.0.0", description="Address to listen on.")
    port: int = Field(8071, ge=1, le=65_535, description="Port to listen on: the workers' REGISTRY_URL names it.")


class PoolConfig(BaseModel):
    """One pool of `REGISTRY_CONFIG`."""

    model_config = ConfigDict(extra="forbid")

    placement: Literal["pack", "spread"] = "pack"
    inbound_headroom: int = Field(0, ge=0)
    quotas: dict[ClientName, Quota] = Field(default_factory=dict)


class PoolsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    pools: dict[Pool, PoolConfig] = Field(default_factory=dict)


def read_config(path: str) -> tuple[dict[str, PoolConfig], int]:
    """The pools of the file and the time it was written, Unix ms; an empty path is an empty file.

    Raises: ConfigurationError.
    """
    if not path:
        return {}, 0
    try:
        text = Path(path).read_text("utf-8")
        written_ms = int(Path(path).stat().st_mtime * 1000)
        loaded: Any = yaml.safe_load(text) or {}
        return PoolsFile.model_validate(loaded).pools, written_ms
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"REGISTRY_CONFIG {path}: {error}".replace("\n", " ")) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"REGISTRY_CONFIG {path}: {where}: {first['msg']}") from None


@dataclass(frozen=True)
class Identity:
    """Who asks: a worker, a caller for one client, or an operator for all."""

    role: Role
    client: str | None = None


class Keys:
    """Judges the secret of a request."""

    def __init__(self, secrets: Sequence[str], lines: Sequence[tuple[str, Identity]] = ()) -> None:
        self._secrets = secrets
        self._lines = lines

    @classmethod
    def load(cls, settings: RegistrySettings) -> "Keys":
        """Raises: ConfigurationError: a line of the file is not `sha256 role client`."""
        lines: list[tuple[str, Identity]] = []
        if not settings.registry_keys_file:
            return cls(settings.secrets)
        try:
            text = Path(settings.registry_keys_file).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"REGISTRY_KEYS_FILE {settings.registry_keys_file}: {error}") from None
        for number, line in enumerate(text.splitlines(), 1):
            words = line.split("#")[0].split()
            if words:
                lines.append(_key_line(words, f"REGISTRY_KEYS_FILE {settings.registry_keys_file}, line {number}"))
        return cls(settings.secrets, lines)

    def who(self, given: str) -> Identity | None:
        """Looks at every key in constant time; None = nobody."""
        found = Identity("operator") if matches_any(given, self._secrets) else None
        if self._lines:
            digest = hashlib.sha256(given.encode()).hexdigest()
            for expected, identity in self._lines:
                if hmac.compare_digest(digest, expected):
                    found = identity
        return found


def _key_line(words: list[str], where: str) -> tuple[str, Identity]:
    digest, role = words[0].lower(), words[1] if len(words) > 1 else ""
    client = words[2] if len(words) == 3 else None
    if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise ConfigurationError(f"{where}: the first word must be the SHA-256 of a key, 64 hex digits")
    if role == "worker" or role == "operator":
        return digest, Identity(role)
    if role == "caller" and client:
        return digest, Identity(role, client)
    raise ConfigurationError(f"{where}: expected `sha256 worker`, `sha256 operator` or `sha256 caller CLIENT`")
