"""Settings of the `vox` command line and of the embedded stack."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from voxkit.settings import VoxSettings


class VoxctlSettings(VoxSettings):
    """Read from the environment and from `.env` in the current folder."""

    vox_api_url: str = Field(
        "http://localhost:8080/api/v1", description="API that `vox` speaks to; a stack started by `vox up` wins here."
    )
    vox_email: str = Field("", description="User that `vox` logs in as; empty: the first admin.")
    vox_password: str = Field("", description="Password of that user; empty: the one kept in the data folder.")

    vox_voice_url: str = Field("", description="voxvoice as seen by `vox call`; empty: the one of the stack here.")
    vox_media_url: str = Field(
        "", description="Base of the workers' sockets as seen by `vox call`; empty: the one that voxbridge names."
    )

    registry_url: str = Field(
        "http://localhost:8070", description="Capacity registry of `vox fleet`; that of a stack of `vox up` wins here."
    )

    mongodb_uri: str = Field(
        "", description="MongoDB server that `vox up` uses instead of SecantusDB, and that is backed up."
    )
    mongodb_db: str = Field("voxbridge", description="Database of the stack.")
    redis_url: str = Field("", description="Redis or Valkey server that `vox up` uses instead of starting Valkey.")
    first_admin_email: str = Field("admin@example.com", description="Email of the admin made at the first start.")
    first_admin_password: str = Field("", description="Password of that admin; empty: one is made and printed once.")
    public_base_url: str = Field("", description="Address under which the world reaches voxbridge.")
    outbound_url_allowlist: str = Field(
        "", description="Private hosts, `host:port` or networks that user-set URLs may reach, comma list."
    )

    vox_workers: int = Field(2, ge=1, le=64, description="Call workers that `vox up` starts; each carries one call.")
    vox_port_offset: int = Field(0, ge=0, le=50_000, description="Added to every port below: a second stack here.")
    vox_bridge_port: int = Field(8080, ge=1, le=65_535, description="Port of voxbridge in the embedded stack.")
    vox_core_port: int = Field(8001, ge=1, le=65_535, description="Port of the first worker; the next ones follow it.")
    vox_voice_port: int = Field(8060, ge=1, le=65_535, description="Port of voxvoice in the embedded stack.")
    vox_phone_port: int = Field(8050, ge=1, le=65_535, description="Port of voxphone in the embedded stack.")
    vox_registry_port: int = Field(8070, ge=1, le=65_535, description="Port of voxregistry in the embedded stack.")
    vox_dialler_port: int = Field(8090, ge=1, le=65_535, description="Port of voxdialler in the embedded stack.")
    vox_mongodb_port: int = Field(27017, ge=1, le=65_535, description="Port of SecantusDB in the embedded stack.")
    vox_valkey_port: int = Field(6379, ge=1, le=65_535, description="Port of Valkey in the embedded stack.")

    voxcore_public_url: str = Field("", description="Address under which carriers reach the workers of this host.")
    browser_wss_base: str = Field("", description="Address of the workers' sockets for browsers.")
    ws_media_tokens: str = Field("", description="Tokens that carrier sockets must carry, comma list; empty: no check.")

    # Given ones win over those that `vox up` makes and keeps in the data folder.
    jwt_secret: str = Field("", description="Signs logins, at least 32 characters; empty: made once by `vox up`.")
    settings_encryption_key: str = Field("", description="Fernet key for secrets at rest; empty: made once.")
    voxcore_secret: str = Field("", description="Shared secret between the services; empty: made once by `vox up`.")
    voxphone_api_token: str = Field("", description="Token of the simulated carrier; empty: made once by `vox up`.")

    @property
    def data_dir(self) -> Path:
        """The data folder as an absolute path."""
        return Path(self.vox_data_dir).expanduser().resolve()


class ImageSettings(VoxSettings):
    """What `vox images` and compose read: which images are meant, and from which bases they are built."""

    vox_tag: str = Field("dev", description="Tag of the images that are built and started.")
    vox_registry: str = Field("", description="Image registry before their names, `registry.example.com/team`.")
    vox_registry_user: str = Field("", description="Who pushes and reads there; empty: what `docker login` has left.")
    vox_registry_token: str = Field("", description="Password or token of VOX_REGISTRY_USER.")
    vox_registry_plain: bool = Field(
        False,
        description="Speak HTTP without TLS to the image registry: closed networks only. Loopback needs no such word.",
    )
    vox_standins: bool = Field(
        False, description="Build on bases made by debootstrap, and run stand-ins for MongoDB, Valkey and MinIO."
    )
    compose_profiles: str = Field("", description="Parts of compose.yaml over the core, comma list: `demo`, `livekit`.")
    s3_access_key: str = Field(
        "", description="Access key of the object store of compose.yaml, and of backups in `s3://`."
    )
    s3_secret_key: str = Field(
        "", description="Secret key of the object store of compose.yaml, and of backups in `s3://`."
    )
    vox_ui_port: int = Field(5173, ge=1, le=65_535, description="Port of the console in compose.yaml.")
    base_python: str = Field("python:3.11-slim-bookworm", description="Base of the Python images.")
    base_nginx: str = Field("nginx:stable-alpine-slim", description="Base of the console's image.")
    base_node: str = Field("node:22-slim", description="What the console is built in.")
    mongo_image: str = Field("mongo:8.0", description="MongoDB of compose.yaml.")
    redis_image: str = Field("valkey/valkey:8", description="Valkey or Redis of compose.yaml.")
    minio_image: str = Field("minio/minio:latest", description="S3 server of compose.yaml.")
    minio_mc_image: str = Field("minio/mc:latest", description="What makes the bucket in compose.yaml.")
    livekit_image: str = Field("livekit/livekit-server:latest", description="LiveKit of the profile `livekit`.")
    livekit_sip_image: str = Field("livekit/sip:latest", description="Its SIP bridge.")
    livekit_node_ip: str = Field("127.0.0.1", description="Address that LiveKit tells browsers for media.")
